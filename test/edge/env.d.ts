declare namespace Cloudflare {
  interface Env {
    LISTS: KVNamespace
  }
}
