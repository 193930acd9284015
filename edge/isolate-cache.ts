/**
 * Bytes of values that an isolate keeps. It has 128 MB for everything: the code, the requests under way, each of which
 * may hold six values of up to 10 MB, and this. A fold-in component may take 28 MB of it.
 */
const usualBytesMax = 48 * 2 ** 20

/** A value and its neighbours in the order of use; the cache's own ring begins and ends with one that has no value. */
interface Entry<V> {
  key: string
  value: V | undefined
  bytes: number
  older: Entry<V>
  younger: Entry<V>
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
  /** Between the youngest and the oldest. A ring, so that a use moves an entry without hashing its key again. */
  readonly #ends: Entry<V>
  #bytes = 0

  constructor(bytesMax = usualBytesMax) {
    this.#bytesMax = bytesMax
    const ends = { key: '', value: undefined, bytes: 0 } as Entry<V>
    ends.older = ends
    ends.younger = ends
    this.#ends = ends
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    unlink(entry)
    this.#linkYoungest(entry)
    return entry.value
  }

  /**
   * Keeps a value, unless it alone is more than all that may be kept.
   *
   * @param bytes about how much memory it holds on to
   */
  set(key: string, value: V, bytes: number): void {
    this.#delete(this.#entries.get(key))
    if (bytes > this.#bytesMax) return
    const entry: Entry<V> = { key, value, bytes, older: this.#ends, younger: this.#ends }
    this.#linkYoungest(entry)
    this.#entries.set(key, entry)
    this.#bytes += bytes
    while (this.#bytes > this.#bytesMax) this.#delete(this.#ends.younger)
  }

  #linkYoungest(entry: Entry<V>): void {
    const youngest = this.#ends.older
    entry.older = youngest
    entry.younger = this.#ends
    youngest.younger = entry
    this.#ends.older = entry
  }

  #delete(entry: Entry<V> | undefined): void {
    if (entry === undefined) return
    unlink(entry)
    this.#entries.delete(entry.key)
    this.#bytes -= entry.bytes
  }
}

function unlink<V>({ older, younger }: Entry<V>): void {
  older.younger = younger
  younger.older = older
}
