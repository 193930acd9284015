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
  #bytes = 0

  constructor(target: KvTarget, signal: AbortSignal | undefined) {
    this.#target = target
    this.signal = signal
  }

  get keys(): number {
    return this.#written.size
  }

  get bytes(): number {
    return this.#bytes
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
    const { bytes, pairs } = this.#target.chunk ?? { bytes: chunkBytesMax, pairs: chunkPairsMax }
    if (this.#pending.length >= pairs || this.#pendingBytes >= bytes) await this.flush()
  }

  async flush(): Promise<void> {
    throwIfCancelled(this.signal)
    const pairs = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    for (const { key, value } of pairs) {
      const sha256 = sha256Of(value)
      this.#bytes += value.byteLength - (this.#written.get(key)?.bytes ?? 0)
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
      const value = await this.#readBack(key, sha256)
      if (value !== undefined && sha256Of(value) === sha256) continue
      throw new NightjarError('KV_NOT_WRITTEN', {
        what: `${this.#target.name}: "${key}" was put with ${bytes} bytes, and reads back ${value === undefined ? 'as missing' : `other ${value.byteLength}`}`,
        why: 'the store lost or changed it, or somebody else published the same run at the same time',
        fix: 'publish again',
      })
    }
  }

  /** The value, asked for again as long as the store may lag behind what was put. */
  async #readBack(key: string, sha256: string): Promise<Uint8Array | undefined> {
    for (let attempt = 0; ; attempt++) {
      const value = await this.#target.get(key)
      if (value !== undefined && sha256Of(value) === sha256) return value
      if (!((await this.#target.waitForLag?.(attempt)) ?? false)) return value
      throwIfCancelled(this.signal)
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

function sha256Of(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex')
}

/** At most `size` elements, evenly spaced, the first and the last among them. */
export function sampleOf<T>(elements: readonly T[], size: number): T[] {
  if (elements.length <= size) return [...elements]
  const step = (elements.length - 1) / (size - 1)
  return Array.from({ length: size }, (_, i) => elements[Math.round(i * step)] as T)
}
