import { createHash } from 'node:crypto'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { valueBytesMax } from './bucket-count.ts'
import type { KvPair, KvTarget } from './kv-target.ts'

/** What is put in one go: few enough bytes to hold, and few enough keys that Ctrl-C is soon heard. */
const chunkBytesMax = 8_000_000
const chunkPairsMax = 1000

/** How many of the keys are read back before the version is served. */
const sampleSize = 32

/** Writes the keys of one version, remembers them, and can take them back. */
export class VersionWriter {
  readonly #target: KvTarget
  /** Aborted where the publication is to stop. */
  readonly signal: AbortSignal | undefined
  readonly #written = new Map<string, { sha256: string; bytes: number }>()
  #pending: KvPair[] = []
  #pendingBytes = 0

  constructor(target: KvTarget, signal: AbortSignal | undefined) {
    this.#target = target
    this.signal = signal
  }

  get keys(): number {
    return this.#written.size
  }

  get bytes(): number {
    let sum = 0
    for (const { bytes } of this.#written.values()) sum += bytes
    return sum
  }

  /**
   * Puts a value, now or with the next ones.
   *
   * @param rows what it holds of users or items, for the error
   * @throws ValueTooLargeError where it is larger than a value may be
   */
  async put(key: string, value: Uint8Array, rows = 1): Promise<void> {
    throwIfCancelled(this.signal)
    if (value.byteLength > valueBytesMax) throw new ValueTooLargeError(key, value.byteLength, rows)
    this.#pending.push({ key, value })
    this.#pendingBytes += value.byteLength
    if (this.#pending.length >= chunkPairsMax || this.#pendingBytes >= chunkBytesMax) await this.flush()
  }

  async flush(): Promise<void> {
    throwIfCancelled(this.signal)
    const pairs = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    for (const { key, value } of pairs) {
      const sha256 = createHash('sha256').update(value).digest('hex')
      this.#written.set(key, { sha256, bytes: value.byteLength })
    }
    if (pairs.length > 0) await this.#target.putMany(pairs)
  }

  /**
   * Reads some keys back, the last put among them.
   *
   * @throws NightjarError KV_NOT_WRITTEN where one is not what was put
   */
  async verify(): Promise<void> {
    const written = [...this.#written]
    for (const [key, { sha256, bytes }] of sampleOf(written, sampleSize)) {
      throwIfCancelled(this.signal)
      const value = await this.#target.get(key)
      if (value !== undefined && createHash('sha256').update(value).digest('hex') === sha256) continue
      throw new NightjarError('KV_NOT_WRITTEN', {
        what: `${this.#target.name}: "${key}" was put with ${bytes} bytes, and reads back ${value === undefined ? 'as missing' : `other ${value.byteLength}`}`,
        why: 'the store lost or changed it, or somebody else published the same run at the same time',
        fix: 'publish again',
      })
    }
  }

  /** Deletes whatever was put or may have been. */
  async takeBack(): Promise<void> {
    await this.#target.deleteMany([...this.#written.keys()])
  }
}

/** A value that KV would take, but a worker could hardly hold. */
export class ValueTooLargeError extends NightjarError {
  readonly rows: number

  constructor(key: string, bytes: number, rows: number) {
    super('KV_VALUE_TOO_LARGE', {
      what: `"${key}" would be ${bytes} bytes, a value may have ${valueBytesMax}`,
      why: 'ids or titles of many kilobytes',
      fix: 'export fewer items a user: nightjar export RUN --k 20',
    })
    this.name = 'ValueTooLargeError'
    this.rows = rows
  }
}

/** At most `size` elements, evenly spaced, the first and the last among them. */
export function sampleOf<T>(elements: readonly T[], size: number): T[] {
  if (elements.length <= size) return [...elements]
  const step = (elements.length - 1) / (size - 1)
  return Array.from({ length: size }, (_, i) => elements[Math.round(i * step)] as T)
}
