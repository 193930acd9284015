declare namespace Cloudflare {
  interface Env {
    LISTS: KVNamespace
    PAGE: Fetcher
    /** Three requests a minute. */
    RATE_LIMIT: RateLimit
  }
}
