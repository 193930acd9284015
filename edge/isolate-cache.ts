/**
 * Bytes of values that an isolate keeps. It has 128 MB for everything: the code, the requests under way, each of which
 * may hold six values of up to 10 MB, and this. A fold-in component may take 28 MB of it.
 */
const usualBytesMax = 48 * 2 ** 20

interface Entry<V> {
  value: V
  bytes: number
}

/**
 * Values that never change, kept in the isolate by their KV keys, the least recently used given up first. What
 * belongs to a version that is served no longer ages out by itself.
 *
 * Values only, never promises: a worker must not await another request's I/O. And only what was found: a key that
 * was missing may be there a moment later.
 */
export class IsolateCache<V = unknown> {
  readonly #bytesMax: number
  /** A map goes through its entries in the order of their insertion: the least recently used is the first. */
  readonly #entries = new Map<string, Entry<V>>()
  #bytes = 0

  constructor(bytesMax = usualBytesMax) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /**
   * Keeps a value, unless it alone is more than all that may be kept.
   *
   * @param bytes about how much memory it holds on to
   */
  set(key: string, value: V, bytes: number): void {
    this.#delete(key)
    if (bytes > this.#bytesMax) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) break
      this.#delete(oldest)
    }
  }

  #delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
