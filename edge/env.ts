/** What the platform binds to the worker; `wrangler.toml` declares it. */
interface Env {
  /** The published lists: keys as in `shared/kv-keys.ts`. */
  LISTS: KVNamespace
}

export interface AppEnv {
  Bindings: Env
}
