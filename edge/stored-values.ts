import { BucketError } from '../shared/bucket-table.ts'
import type { IsolateCache } from './isolate-cache.ts'
import type { Trace } from './log/trace.ts'

/**
 * How long a location keeps a version's values. They never change, but a key that was missing when it was
 * asked for is remembered as missing just as long: an hour, so that such a gap heals.
 */
const cacheTtlSeconds = 3600

/** Of what an opened value holds besides the value's own bytes. */
const overheadBytes = 4096

/** Something of a version is missing or damaged: another version must answer. */
export class IncompleteVersionError extends Error {
  override readonly name = 'IncompleteVersionError'
}

/** How a value becomes what is looked into. */
export interface ValueKind<T> {
  /** @throws BucketError, SyntaxError where the bytes hold no such value */
  open(bytes: Uint8Array): T
  /** Memory that the opened value holds on to, for each byte of the value. */
  memoryPerByte: number
}

/** JSON, opened as objects. */
export function jsonKind<T>(): ValueKind<T> {
  return { open: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T, memoryPerByte: 4 }
}

/**
 * The values of versions, for one request: out of the isolate where it has them, else out of KV. They are kept opened,
 * so that the next request has nothing to decode but the rows that it wants.
 */
export class StoredValues {
  readonly #kv: KVNamespace
  readonly #cache: IsolateCache
  readonly #trace: Trace

  constructor(kv: KVNamespace, cache: IsolateCache, trace: Trace) {
    this.#kv = kv
    this.#cache = cache
    this.#trace = trace
  }

  /**
   * A value, if the isolate has it.
   *
   * @param key always asked for as the same kind
   */
  kept<T>(key: string, _kind: ValueKind<T>): T | undefined {
    const kept = this.#cache.get(key)
    if (kept !== undefined) this.#trace.cacheHits++
    return kept as T | undefined
  }

  /**
   * A value, out of KV if need be.
   *
   * @param key always asked for as the same kind
   * @throws IncompleteVersionError
   */
  async read<T>(key: string, kind: ValueKind<T>): Promise<T> {
    const kept = this.kept(key, kind)
    if (kept !== undefined) return kept
    const bytes = await this.#fetch(key)
    const opened = whole(key, () => kind.open(bytes))
    this.#cache.set(key, opened, bytes.byteLength * kind.memoryPerByte + overheadBytes)
    return opened
  }

  /**
   * A thing made of several values, which themselves are not kept.
   *
   * @param key the first of them, under which the thing is kept
   * @throws IncompleteVersionError
   */
  async assemble<T extends { bytes: number }>(
    key: string,
    make: (read: <V>(key: string, open: (bytes: Uint8Array) => V) => Promise<V>) => Promise<T>,
  ): Promise<T> {
    const kept = this.#cache.get(key) as T | undefined
    if (kept !== undefined) {
      this.#trace.cacheHits++
      return kept
    }
    const made = await make(async (part, open) => {
      const bytes = await this.#fetch(part)
      return whole(part, () => open(bytes))
    })
    this.#cache.set(key, made, made.bytes + overheadBytes)
    return made
  }

  async #fetch(key: string): Promise<Uint8Array> {
    this.#trace.kvReads++
    const found = await this.#kv.get(key, { type: 'arrayBuffer', cacheTtl: cacheTtlSeconds })
    if (found === null) throw new IncompleteVersionError(`no ${key}`)
    return new Uint8Array(found)
  }
}

/**
 * What `look` gives of a value.
 *
 * @throws IncompleteVersionError where it finds the value damaged
 */
export function whole<T>(key: string, look: () => T): T {
  try {
    return look()
  } catch (cause) {
    if (!(cause instanceof BucketError || cause instanceof SyntaxError)) throw cause
    throw new IncompleteVersionError(`damaged ${key}`, { cause })
  }
}
