declare namespace Cloudflare {
  interface Env {
    LISTS: KVNamespace
    /** Three requests a minute. */
    RATE_LIMIT: RateLimit
  }
}
