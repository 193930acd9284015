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
      // An answer with a status of its own was retried by the SDK, where that is of use.
      if (attempt === retries || (statusOf(error) ?? 200) >= 300) throw error
      await sleep(200 * 2 ** attempt)
    }
  }
}

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

  async run(): Promise<Uint8Array> {
    const { sdk, client, name } = this.#bucket
    const range = this.#wanted()
    try {
      const command = new sdk.GetObjectCommand({
        Bucket: name,
        Key: this.#key,
        ...(range === undefined ? {} : { Range: range }),
        ...(this.#etag === undefined ? {} : { IfMatch: this.#etag }),
      })
      const { Body, ContentLength, ETag } = await client.send(command)
      if (Body === undefined || ContentLength === undefined) throw new Error('the answer has no length')
      if (this.#bytes === undefined) this.#begin(ContentLength, ETag)
      await this.#fill(Body as AsyncIterable<Uint8Array>, ContentLength)
    } catch (error) {
      // Nothing is left behind the end of the file.
      if (statusOf(error) === 416 && this.#bytes === undefined) return new Uint8Array()
      if (statusOf(error) !== 412 && !(statusOf(error) === 416 && this.#bytes !== undefined)) throw error
      // Another object took its place meanwhile: what came belongs to none that is there.
      this.#bytes = undefined
      this.#etag = undefined
      this.#filled = 0
      throw new Error('the file was changed while it was read')
    }
    return this.#bytes as unknown as Uint8Array
  }

  #begin(length: number, etag: string | undefined): void {
    if (this.#range !== undefined && length > this.#range.length)
      throw new NightjarError('STORE_FAILED', {
        what: `${this.#key}: ${length} bytes came, ${this.#range.length} were asked for`,
        why: 'the server, or a proxy before it, ignores ranges',
      })
    this.#bytes = new Uint8Array(length)
    this.#etag = etag
  }

  async #fill(body: AsyncIterable<Uint8Array>, announced: number): Promise<void> {
    const bytes = this.#bytes as Uint8Array
    if (announced !== bytes.length - this.#filled)
      throw new Error(`${announced} bytes were announced, ${bytes.length - this.#filled} are missing`)
    for await (const chunk of body) {
      if (chunk.length > bytes.length - this.#filled) throw new Error('more bytes came than were announced')
      bytes.set(chunk, this.#filled)
      this.#filled += chunk.length
    }
    if (this.#filled < bytes.length) throw new Error(`only ${this.#filled} of ${bytes.length} bytes came`)
  }

  /** The header for what is still missing; undefined for a whole file. */
  #wanted(): string | undefined {
    if (this.#bytes === undefined)
      return this.#range && `bytes=${this.#range.offset}-${this.#range.offset + this.#range.length - 1}`
    if (this.#filled === 0 && this.#range === undefined) return undefined
    const offset = this.#range?.offset ?? 0
    return `bytes=${offset + this.#filled}-${offset + this.#bytes.length - 1}`
  }
}
