import type { S3Client } from '@aws-sdk/client-s3'
import { byKey, checkKey } from '../key.ts'
import { parseS3Uri } from '../place.ts'
import type { Body, ByteRange, Store, StoredFile, Written } from '../store.ts'
import { readObject } from './read-object.ts'
import { isS3, s3Error, statusOf } from './s3-error.ts'
import { loadSdk, openClient, type Sdk } from './sdk.ts'
import { usualPartBytes, writeIfAbsent, writeObject } from './write-object.ts'

/** A connection, and where in S3 a store lies. */
export interface Bucket {
  sdk: Sdk
  client: S3Client
  name: string
}

/** A {@link Store} in a bucket of S3, R2 or another server that speaks S3. Nothing is asked before the first call. */
export class S3Store implements Store {
  readonly uri: string
  readonly #bucket: string
  /** What all keys begin with: empty, or ends in a slash. */
  readonly #root: string
  readonly #partBytes: number
  #opened: Promise<Bucket> | undefined
  #bucketIsThere: Promise<unknown> | undefined

  /** @param partBytes bodies beyond it go up in parts of this size; S3 wants 5 MiB at least */
  constructor(uri: string, partBytes = usualPartBytes) {
    const { bucket, prefix } = parseS3Uri(uri)
    this.#bucket = bucket
    this.#root = prefix === '' ? '' : `${prefix}/`
    this.#partBytes = partBytes
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
  }

  async size(key: string): Promise<number | undefined> {
    return this.#try('look at', key, async ({ sdk, client, name }) => {
      try {
        const command = new sdk.HeadObjectCommand({ Bucket: name, Key: this.#path(key) })
        return (await client.send(command)).ContentLength
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        // The answer to a HEAD has no body to say what is missing: the key, or the bucket.
        await this.#checkBucket()
        return undefined
      }
    })
  }

  async read(key: string, range?: ByteRange): Promise<Uint8Array> {
    if (range?.length === 0) {
      // No range of S3 is empty: it would be ignored, and the whole file come.
      range = { offset: range.offset, length: 1 }
      return (await this.read(key, range)).subarray(0, 0)
    }
    return this.#try('read', key, (bucket) => readObject(bucket, this.#path(key), range))
  }

  async put(key: string, body: Body): Promise<Written> {
    return this.#try('write', key, (bucket) => writeObject(bucket, this.#path(key), body, this.#partBytes))
  }

  async putIfAbsent(key: string, body: Body): Promise<boolean> {
    return this.#try('write', key, (bucket) => writeIfAbsent(bucket, this.#path(key), body))
  }

  async list(prefix = ''): Promise<StoredFile[]> {
    return this.#try('list', prefix, async ({ sdk, client, name }) => {
      const found: StoredFile[] = []
      const pages = sdk.paginateListObjectsV2({ client }, { Bucket: name, Prefix: this.#root + prefix })
      for await (const { Contents } of pages) {
        for (const { Key = '', Size = 0 } of Contents ?? []) {
          // A key that ends in a slash is what consoles make of an empty folder.
          if (!Key.endsWith('/')) found.push({ key: Key.slice(this.#root.length), bytes: Size })
        }
      }
      return found.sort(byKey)
    })
  }

  async delete(key: string): Promise<void> {
    await this.#try('delete', key, ({ sdk, client, name }) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: name, Key: this.#path(key) })),
    )
  }

  async #try<T>(act: string, key: string, attempt: (bucket: Bucket) => Promise<T>): Promise<T> {
    try {
      return await attempt(await this.#open())
    } catch (error) {
      throw s3Error(act, key === '' ? this.uri : `${this.uri}/${key}`, error)
    }
  }

  #open(): Promise<Bucket> {
    this.#opened ??= loadSdk().then((sdk) => ({ sdk, client: openClient(sdk), name: this.#bucket }))
    return this.#opened
  }

  /** Fails as `NoSuchBucket` where there is none. */
  async #checkBucket(): Promise<void> {
    const { sdk, client, name } = await this.#open()
    this.#bucketIsThere ??= client.send(
      new sdk.ListObjectsV2Command({ Bucket: name, MaxKeys: 1, Prefix: this.#root }),
    )
    await this.#bucketIsThere.catch((error) => {
      if (isS3(error, 'NoSuchBucket')) throw error
    })
  }

  #path(key: string): string {
    checkKey(key)
    return this.#root + key
  }
}
