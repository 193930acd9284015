import { setTimeout as sleep } from 'node:timers/promises'
import { NightjarError } from '../../errors.ts'
import type { ByteRange } from '../store.ts'
import { statusOf } from './s3-error.ts'
import type { Bucket } from './s3-store.ts'

/** How often a download that broke goes on, each time after a longer wait: some twelve seconds in all. */
const retries = 6

/**
 * Reads an object, or a range of it. A download that breaks goes on from its last byte, if the object is still the same,
 * else from the beginning.
 *
 * @throws NightjarError STORE_FAILED where not all bytes came: never fewer than the server announced
 */
export async function readObject(bucket: Bucket, key: string, range?: ByteRange): Promise<Uint8Array> {
  const download = new Download(bucket, key, range)
  for (let attempt = 0; ; attempt++) {
    try {
      return await download.run()
    } catch (error) {
      // Nothing lies behind the end of a file.
      if (statusOf(error) === 416) return new Uint8Array()
      // What fails before an answer has begun was retried by the SDK, where that is of use.
      if (attempt === retries || !(error instanceof Interrupted)) throw error
      await sleep(200 * 2 ** attempt)
    }
  }
}

/** A download that is worth another try. */
class Interrupted extends Error {}

class Download {
  readonly #bucket: Bucket
  readonly #key: string
  readonly #range: ByteRange | undefined
  #bytes: Uint8Array | undefined
  #filled = 0
  #etag: string | undefined

  constructor(bucket: Bucket, key: string, range?: ByteRange) {
    this.#bucket = bucket
    this.#key = key
    this.#range = range
  }

  /** Goes on from where the run before ended. */
  async run(): Promise<Uint8Array> {
    const { sdk, client, name } = this.#bucket
    const range = this.#missing()
    const command = new sdk.GetObjectCommand({
      Bucket: name,
      Key: this.#key,
      ...(range === undefined ? {} : { Range: range }),
      ...(this.#etag === undefined ? {} : { IfMatch: this.#etag }),
    })
    const answer = await client.send(command).catch((error) => {
      if (this.#bytes === undefined || ![412, 416].includes(statusOf(error) ?? 0)) throw error
      this.#bytes = undefined
      this.#etag = undefined
      throw new Interrupted('another file took its place while it was read')
    })
    const { Body, ContentLength, ETag } = answer
    if (Body === undefined || ContentLength === undefined) throw new Error('the answer tells no length')
    const bytes = this.#bytes ?? this.#begin(ContentLength, ETag)
    if (ContentLength !== bytes.length - this.#filled)
      throw new Error(`${ContentLength} bytes came, ${bytes.length - this.#filled} were asked for`)
    await this.#fill(bytes, Body as AsyncIterable<Uint8Array>)
    return bytes
  }

  #begin(length: number, etag: string | undefined): Uint8Array {
    if (this.#range !== undefined && length > this.#range.length)
      throw new NightjarError('STORE_FAILED', {
        what: `cannot read ${this.#key}: ${length} bytes came, ${this.#range.length} were asked for`,
        why: 'the server, or a proxy before it, ignores ranges',
      })
    this.#bytes = this.#range?.into?.subarray(0, length) ?? new Uint8Array(length)
    this.#etag = etag
    this.#filled = 0
    return this.#bytes
  }

  async #fill(bytes: Uint8Array, body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) {
        bytes.set(chunk, this.#filled)
        this.#filled += chunk.length
      }
    } catch (cause) {
      if (this.#filled === bytes.length) return
      throw new Interrupted(`the download broke: ${(cause as Error).message}`, { cause })
    }
    if (this.#filled < bytes.length)
      throw new Interrupted(`the download ended after ${this.#filled} of ${bytes.length} bytes`)
  }

  /** The header for what is still missing; undefined for a whole file. */
  #missing(): string | undefined {
    if (this.#bytes === undefined)
      return this.#range && `bytes=${this.#range.offset}-${this.#range.offset + this.#range.length - 1}`
    if (this.#filled === 0 && this.#range === undefined) return undefined
    const offset = this.#range?.offset ?? 0
    return `bytes=${offset + this.#filled}-${offset + this.#bytes.length - 1}`
  }
}
