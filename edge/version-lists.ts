import { BucketError } from '../shared/bucket-table.ts'
import { findItems } from '../shared/item-bucket.ts'
import { bucketOf, itemBucketKey, popularKey, userBucketKey } from '../shared/kv-keys.ts'
import { findUser } from '../shared/user-bucket.ts'
import type { ItemRow, PopularItem, UserRow, VersionMeta } from '../shared/version-meta.ts'
import type { HiddenSet } from './hidden-items.ts'
import { ProblemError } from './problems.ts'

/**
 * How long a location keeps a version's values. They never change, but a key that was missing when it was
 * asked for is remembered as missing just as long: an hour, so that such a gap heals.
 */
export const versionCacheTtlSeconds = 3600

/** Something of a version is missing or damaged: another version must answer. */
export class IncompleteVersionError extends Error {
  override readonly name = 'IncompleteVersionError'
}

/**
 * How many values one answer may read. Cloudflare ends a request at 1,000 operations, and an answer that is
 * made again from the version before needs its number twice.
 */
const readsMax = 450

/** How many values are held at once: a worker waits for six at most, and has 128 MB for all of its requests. */
const readsAtOnce = 6

/** The lists of one version, read from KV key by key, for one request, without what is hidden. */
export class VersionLists {
  readonly meta: VersionMeta
  readonly #kv: KVNamespace
  readonly #hidden: HiddenSet
  #reads = 0

  constructor(kv: KVNamespace, meta: VersionMeta, hidden: HiddenSet) {
    this.#kv = kv
    this.meta = meta
    this.#hidden = hidden
  }

  /** The same for the same answers: the version and what is hidden, no more, decide what is read here. */
  get tag(): string {
    const { versionId } = this.meta
    return this.#hidden.tag === '' ? versionId : `${versionId}.${this.#hidden.tag}`
  }

  /**
   * Some users' lists, by id; a user whom the version does not know is left out. A bucket is read once.
   *
   * @throws IncompleteVersionError
   * @throws ProblemError `too-many-lookups`
   */
  async users(userIds: Iterable<string>): Promise<Map<string, UserRow>> {
    const { versionId, userBucketCount } = this.meta
    const rows = await this.#find(
      userIds,
      userBucketCount,
      (bucket) => userBucketKey(versionId, bucket),
      (bytes, ids) => ids.map((id) => findUser(bytes, id)).filter((row) => row !== undefined),
    )
    return new Map(rows.map((row) => [row.userId, this.#hidden.withoutHidden(row)]))
  }

  /**
   * What is known of some items, by id; one that the version does not know, or that is hidden, is left out. A bucket is
   * read once.
   *
   * @throws IncompleteVersionError
   * @throws ProblemError `too-many-lookups`
   */
  async items(itemIds: Iterable<string>): Promise<Map<string, ItemRow>> {
    const { versionId, itemBucketCount } = this.meta
    const rows = await this.#find(
      this.#hidden.visible(itemIds),
      itemBucketCount,
      (bucket) => itemBucketKey(versionId, bucket),
      findItems,
    )
    return new Map(rows.map((row) => [row.itemId, row]))
  }

  /**
   * The items that most users have, most first.
   *
   * @throws IncompleteVersionError
   */
  async popular(): Promise<PopularItem[]> {
    const key = popularKey(this.meta.versionId)
    const found = await this.#kv.get<PopularItem[]>(key, { type: 'json', cacheTtl: versionCacheTtlSeconds })
    if (found === null) throw new IncompleteVersionError(`no ${key}`)
    return this.#hidden.popularWithoutHidden(found)
  }

  /** The rows of some ids, each of whose buckets is read once. */
  async #find<Row>(
    ids: Iterable<string>,
    bucketCount: number,
    keyOf: (bucket: number) => string,
    rowsOf: (bytes: Uint8Array, ids: string[]) => Row[],
  ): Promise<Row[]> {
    const buckets = [...Map.groupBy(new Set(ids), (id) => bucketOf(id, bucketCount))]
    this.#reads += buckets.length
    if (this.#reads > readsMax) {
      throw new ProblemError(
        'too-many-lookups',
        `one answer may look up ${readsMax} values; ask for fewer users, a smaller k, or without a category`,
      )
    }
    const rows: Row[] = []
    const takeTurns = async () => {
      for (let next = buckets.pop(); next !== undefined; next = buckets.pop()) {
        const [bucket, wanted] = next
        rows.push(...(await this.#read(keyOf(bucket), (bytes) => rowsOf(bytes, wanted))))
      }
    }
    await Promise.all(Array.from({ length: readsAtOnce }, takeTurns))
    return rows
  }

  async #read<T>(key: string, decode: (bytes: Uint8Array) => T): Promise<T> {
    const found = await this.#kv.get(key, { type: 'arrayBuffer', cacheTtl: versionCacheTtlSeconds })
    if (found === null) throw new IncompleteVersionError(`no ${key}`)
    try {
      return decode(new Uint8Array(found))
    } catch (cause) {
      if (!(cause instanceof BucketError)) throw cause
      throw new IncompleteVersionError(`damaged ${key}`, { cause })
    }
  }
}
