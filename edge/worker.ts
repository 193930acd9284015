import { createApp } from './app.ts'
import type { Env } from './env.ts'
import { type Delivery, storeBatch } from './feedback/delivery.ts'

const app = createApp()

export default { fetch: app.fetch, queue: storeBatch } satisfies ExportedHandler<Env, Delivery>
