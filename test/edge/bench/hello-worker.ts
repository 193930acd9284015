import { Hono } from 'hono'
import type { AppEnv } from '../../../edge/env.ts'
import { cors } from '../../../edge/guard/cors.ts'
import { guard } from '../../../edge/guard/guard.ts'
import { writeToConsole } from '../../../edge/log/log.ts'
import { traced } from '../../../edge/log/traced.ts'

/** What a request costs before it is about lists: the same runtime, framework, guards and log, and a text. */
const app = new Hono<AppEnv>()
app.use(traced(Date.now, writeToConsole))
app.use('/v1/*', cors())
app.use('/v1/*', guard('program'))
app.get('/v1/hello', (c) => c.text('hello'))
app.get('/health/live', (c) => c.text('live'))

/** The same text after reading a value of KV whole: what no worker that reads one can do without. */
app.get('/v1/read', async (c) => {
  const bytes = await c.env.LISTS.get(c.req.query('key') ?? '', { type: 'arrayBuffer', cacheTtl: 3600 })
  if (bytes === null) return c.text('missing', 404)
  return c.text('hello')
})

export default app
