import { BucketError } from '../shared/bucket-table.ts'
import { findItems } from '../shared/item-bucket.ts'
import { bucketOf, itemBucketKey, popularKey, userBucketKey } from '../shared/kv-keys.ts'
import { findUser } from '../shared/user-bucket.ts'
import type { ItemRow, PopularItem, UserRow, VersionMeta } from '../shared/version-meta.ts'
import type { HiddenSet } from './hidden-items.ts'

/**
 * How long a location keeps a version's values. They never change, but a key that was missing when it was
 * asked for is remembered as missing just as long: an hour, so that such a gap heals.
 */
export const versionCacheTtlSeconds = 3600

/** Something of a version is missing or damaged: another version must answer. */
export class IncompleteVersionError extends Error {
  override readonly name = 'IncompleteVersionError'
}

/** The lists of one version, read from KV key by key, without what is hidden. */
export class VersionLists {
  readonly meta: VersionMeta
  readonly #kv: KVNamespace
  readonly #hidden: HiddenSet

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

  /** How many items may be asked of a user's list. Versions without a reserve say nothing of it. */
  get kMax(): number {
    return this.meta.kMax ?? this.meta.k
  }

  /**
   * A user's list; undefined where the version does not know the user.
   *
   * @throws IncompleteVersionError
   */
  async user(userId: string): Promise<UserRow | undefined> {
    const { versionId, userBucketCount } = this.meta
    const key = userBucketKey(versionId, bucketOf(userId, userBucketCount))
    const row = await this.#read(key, (bytes) => findUser(bytes, userId))
    return row === undefined ? undefined : this.#hidden.withoutHidden(row)
  }

  /**
   * What is known of some items, by id; one that the version does not know is left out.
   *
   * @throws IncompleteVersionError
   */
  async items(itemIds: readonly string[]): Promise<Map<string, ItemRow>> {
    const { versionId, itemBucketCount } = this.meta
    const byBucket = Map.groupBy(itemIds, (itemId) => bucketOf(itemId, itemBucketCount))
    const rows = await Promise.all(
      Array.from(byBucket, ([bucket, ids]) =>
        this.#read(itemBucketKey(versionId, bucket), (bytes) => findItems(bytes, ids)),
      ),
    )
    return new Map(rows.flat().map((row) => [row.itemId, row]))
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
