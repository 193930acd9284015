import { resolve } from 'node:path'
import { NightjarError } from '../errors.ts'
import type { KvPair, KvTarget } from './kv-target.ts'
import { LocalRuntime } from './local-runtime.ts'
import { defaultStateFolder } from './wrangler.ts'

/** Requests to the local runtime in flight; more do not make it faster. */
const concurrency = 16

/** The part of a worker's KV binding that is used here. */
interface KvBinding {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>
  put(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
}

/**
 * The KV that `wrangler dev` and `nightjar serve` read, in a state folder on this machine.
 *
 * Written through wrangler's own runtime, which starts at the first call (about two seconds):
 * `wrangler kv bulk put --local` would corrupt values that are not UTF-8.
 */
export class LocalKv implements KvTarget {
  readonly name: string
  readonly place?: string
  readonly #runtime: LocalRuntime<{ LISTS: KvBinding }>

  /** @param stateFolder as `wrangler dev --persist-to` takes it */
  constructor(stateFolder?: string) {
    const folder = stateFolder ?? defaultStateFolder()
    this.#runtime = new LocalRuntime(resolve(folder))
    this.name = `local KV in ${folder}`
    if (stateFolder !== undefined) this.place = `local:${stateFolder}`
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#call('read', key, (kv) => kv.get(key, 'arrayBuffer'))
    return value === null ? undefined : new Uint8Array(value)
  }

  async putMany(pairs: readonly KvPair[]): Promise<void> {
    await eachOf(pairs, ({ key, value }) => this.#call('write', key, (kv) => kv.put(key, value)))
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await eachOf(keys, (key) => this.#call('delete', key, (kv) => kv.delete(key)))
  }

  async close(): Promise<void> {
    await this.#runtime.close()
  }

  /**
   * One call to the runtime. If it fails, the runtime is started anew and asked once more: Ctrl-C on a
   * terminal reaches the runtime's process too and ends it, when we still have keys to clean up.
   */
  async #call<T>(act: string, key: string, call: (kv: KvBinding) => Promise<T>): Promise<T> {
    const started = this.#runtime.start()
    try {
      return await call((await started).env.LISTS)
    } catch {
      await this.#runtime.close(started)
      try {
        return await call((await this.#runtime.start()).env.LISTS)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new NightjarError('KV_FAILED', {
          what: `cannot ${act} ${key} in ${this.name}: ${reason}`,
          cause,
        })
      }
    }
  }
}

/**
 * Calls `work` for every element, a few at a time. The first failure stops the rest, and is thrown when nothing
 * is in flight any more: a put that lands after its key was cleaned up would stay for ever.
 */
async function eachOf<T>(elements: readonly T[], work: (element: T) => Promise<void>): Promise<void> {
  let next = 0
  const failures: unknown[] = []
  const lane = async () => {
    while (next < elements.length && failures.length === 0) {
      await work(elements[next++] as T).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  if (failures.length > 0) throw failures[0]
}
