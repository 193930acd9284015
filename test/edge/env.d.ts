declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('../../edge/worker.ts')
  }
  interface Env {
    LISTS: KVNamespace
    PAGE: Fetcher
    /** Three requests a minute. */
    RATE_LIMIT: RateLimit
    FEEDBACK: R2Bucket
    FEEDBACK_QUEUE: Queue
  }
}
