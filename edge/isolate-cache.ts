/**
 * Bytes of values that an isolate keeps. It has 128 MB for everything: the code, the requests under way, each of which
 * may hold six values of up to 10 MB, and this. A fold-in component may take 28 MB of it.
 */
const usualBytesMax = 48 * 2 ** 20

interface Entry<V> {
  value: V
  bytes: number
  /** When it was asked for last, by the cache's own count. */
  usedAt: number
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
  readonly #entries = new Map<string, Entry<V>>()
  #bytes = 0
  #uses = 0

  constructor(bytesMax = usualBytesMax) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.usedAt = ++this.#uses
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
    this.#entries.set(key, { value, bytes, usedAt: ++this.#uses })
    this.#bytes += bytes
    while (this.#bytes > this.#bytesMax) this.#delete(this.#oldest())
  }

  /** Looked for when there is no room, so that a value that is kept costs no more than being found. */
  #oldest(): string {
    let oldest = ''
    let usedAt = Number.POSITIVE_INFINITY
    for (const [key, entry] of this.#entries) {
      if (entry.usedAt >= usedAt) continue
      oldest = key
      usedAt = entry.usedAt
    }
    return oldest
  }

  #delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
