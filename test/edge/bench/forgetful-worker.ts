import { createApp } from '../../../edge/app.ts'

/** The worker, keeping nothing in its isolate but the pointer: every value of every request comes out of KV. */
export default createApp({ cacheBytes: 0 })
