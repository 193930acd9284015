import type { Delivery } from './feedback/delivery.ts'
import type { Trace } from './log/trace.ts'

/** What the platform binds to the worker; `wrangler.toml` declares it. */
export interface Env {
  /** The published lists: keys as in `shared/kv-keys.ts`. */
  LISTS: KVNamespace
  /** The page's files; absent where they were not deployed. */
  PAGE?: Fetcher
  /** A secret: who may ask. Not set: lists are open to all, histories to nobody. */
  API_KEYS?: string
  /** `true`: histories are shown without a key, where none is configured. For one's own machine. */
  OPEN_HISTORIES?: string
  /** Which web pages of elsewhere may read the answers: origins, or `*`. Not set: none. */
  CORS_ORIGINS?: string
  /** `true`: log lines name the user that a request was about. */
  LOG_USER_IDS?: string
  /** How much each client may ask. Not bound: no limit. */
  RATE_LIMIT?: RateLimit
  /** Where each request leaves a data point. Not bound: nowhere. */
  METRICS?: AnalyticsEngineDataset
  /** Where feedback is stored; without it, and without the queue, none is taken. */
  FEEDBACK?: R2Bucket
  /** Gathers feedback, so that many requests become one object. */
  FEEDBACK_QUEUE?: Queue<Delivery>
}

export interface AppEnv {
  Bindings: Env
  Variables: {
    trace: Trace
  }
}
