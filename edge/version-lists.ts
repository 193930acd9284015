import type { BucketTable } from '../shared/bucket-table.ts'
import { decodeFoldInPart, type FoldInHead, type FoldInPart } from '../shared/fold-in-part.ts'
import {
  bucketOf,
  foldInHeadKey,
  foldInPartKey,
  itemBucketKey,
  popularKey,
  userBucketKey,
} from '../shared/kv-keys.ts'
import { findUser, firstUserIds, openUserBucket } from '../shared/user-bucket.ts'
import type { ItemFacts, PopularItem, UserRow, VersionMeta } from '../shared/version-meta.ts'
import { FoldInComponent } from './fold-in/component.ts'
import type { HiddenSet } from './hidden-items.ts'
import { itemRows } from './item-rows.ts'
import { ProblemError } from './problems.ts'
import { jsonKind, type StoredValues, type ValueKind, whole } from './stored-values.ts'

const userBucket: ValueKind<BucketTable> = { open: openUserBucket, memoryPerByte: 1 }
const popularItems = jsonKind<PopularItem[]>()

/**
 * How many values one answer may look up. Cloudflare ends a request at 1,000 reads, and an answer that is
 * made again from the version before needs its number twice. Those that the isolate has count too: what is refused
 * must not depend on who asked before.
 */
const lookupsMax = 450

/** How many values are held at once: a worker waits for six at most, and has 128 MB for all of its requests. */
const readsAtOnce = 6

/** How many buckets are looked into for some user. */
const examplesBucketsMax = 8

/** The lists of one version, looked up key by key, for one request, without what is hidden. */
export class VersionLists {
  readonly meta: VersionMeta
  readonly #values: StoredValues
  readonly #hidden: HiddenSet
  #lookups = 0

  constructor(values: StoredValues, meta: VersionMeta, hidden: HiddenSet) {
    this.#values = values
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
   * @param most how much of a list is wanted; there may be more
   * @throws IncompleteVersionError
   * @throws ProblemError `too-many-lookups`
   */
  async users(userIds: Iterable<string>, most = Number.POSITIVE_INFINITY): Promise<Map<string, UserRow>> {
    const { versionId, userBucketCount } = this.meta
    const decoded = most + this.#hidden.size
    const rows = await this.#find(
      userIds,
      userBucketCount,
      (bucket) => userBucketKey(versionId, bucket),
      userBucket,
      (table, id) => findUser(table, id, decoded),
    )
    return new Map(rows.map((row) => [row.userId, this.#hidden.withoutHidden(row)]))
  }

  /**
   * Some of the version's users: the first of its first bucket that has any.
   *
   * @throws IncompleteVersionError
   */
  async someUserIds(count: number): Promise<string[]> {
    const { versionId, userBucketCount } = this.meta
    // Dozens of users lie in a bucket, so the first one does but for tiny versions.
    for (let bucket = 0; bucket < Math.min(userBucketCount, examplesBucketsMax); bucket++) {
      const found = firstUserIds(await this.#values.read(userBucketKey(versionId, bucket), userBucket), count)
      if (found.length > 0) return found
    }
    return []
  }

  /** Ids without those that are hidden. */
  visible(itemIds: Iterable<string>): string[] {
    return this.#hidden.visible(itemIds)
  }

  /**
   * What is known of some items, by id; one that the version does not know, or that is hidden, is left out. A bucket is
   * read once.
   *
   * @throws IncompleteVersionError
   * @throws ProblemError `too-many-lookups`
   */
  async items(itemIds: Iterable<string>): Promise<Map<string, ItemFacts>> {
    const { versionId, itemBucketCount } = this.meta
    const rows = await this.#find(
      this.#hidden.visible(itemIds),
      itemBucketCount,
      (bucket) => itemBucketKey(versionId, bucket),
      itemRows,
      (bucket, id) => bucket.facts(id),
    )
    return new Map(rows.map((row) => [row.itemId, row]))
  }

  /**
   * The items that are most similar to one, and how similar each is; undefined where the version does not know it, or it
   * is hidden.
   *
   * @throws IncompleteVersionError
   * @throws ProblemError `too-many-lookups`
   */
  async similar(itemId: string): Promise<{ itemIds: string[]; scores: number[] } | undefined> {
    const { versionId, itemBucketCount } = this.meta
    const [found] = await this.#find(
      this.#hidden.visible([itemId]),
      itemBucketCount,
      (bucket) => itemBucketKey(versionId, bucket),
      itemRows,
      (bucket, id) => bucket.similar(id),
    )
    return found && this.#hidden.withoutHidden(found)
  }

  /**
   * The items that most users have, most first.
   *
   * @throws IncompleteVersionError
   */
  async popular(): Promise<PopularItem[]> {
    const found = await this.#values.read(popularKey(this.meta.versionId), popularItems)
    return this.#hidden.popularWithoutHidden(found)
  }

  /**
   * What makes lists from a history alone; undefined where the version has no such thing.
   *
   * @throws IncompleteVersionError
   */
  async foldIn(): Promise<FoldInComponent | undefined> {
    const { versionId, foldIn } = this.meta
    if (foldIn === undefined) return undefined
    const headKey = foldInHeadKey(versionId)
    return this.#values.assemble(headKey, async (read) => {
      const head = await read(headKey, jsonKind<FoldInHead>().open)
      const parts: FoldInPart[] = []
      // One after the other: each is as large as all that the other requests hold.
      for (let n = 0; n < head.parts; n++) {
        parts.push(await read(foldInPartKey(versionId, n), (bytes) => decodeFoldInPart(bytes, head.hidden)))
      }
      return whole(headKey, () => new FoldInComponent(head, parts))
    })
  }

  /** What no answer may hold. */
  get hiddenIds(): Iterable<string> {
    return this.#hidden.ids
  }

  /** The rows of those of some ids that have one, each of whose buckets is read once. */
  async #find<Bucket, Row>(
    ids: Iterable<string>,
    bucketCount: number,
    keyOf: (bucket: number) => string,
    kind: ValueKind<Bucket>,
    rowOf: (bucket: Bucket, id: string) => Row | undefined,
  ): Promise<Row[]> {
    const buckets = inBuckets(ids, bucketCount)
    this.#lookups += buckets.size
    if (this.#lookups > lookupsMax) {
      throw new ProblemError(
        'too-many-lookups',
        `one answer may look up ${lookupsMax} values; ask for fewer users, a smaller k, or without a category`,
      )
    }
    const rows: Row[] = []
    const look = (key: string, bucket: Bucket, wanted: Iterable<string>) =>
      whole(key, () => {
        for (const id of wanted) {
          const row = rowOf(bucket, id)
          if (row !== undefined) rows.push(row)
        }
      })
    const unread: [key: string, ids: Set<string>][] = []
    for (const [n, wanted] of buckets) {
      const key = keyOf(n)
      const bucket = this.#values.kept(key, kind)
      if (bucket === undefined) unread.push([key, wanted])
      else look(key, bucket, wanted)
    }
    const takeTurns = async () => {
      for (let next = unread.pop(); next !== undefined; next = unread.pop()) {
        const [key, wanted] = next
        const bucket = await this.#values.read(key, kind)
        look(key, bucket, wanted)
      }
    }
    if (unread.length > 0) {
      await Promise.all(Array.from({ length: Math.min(readsAtOnce, unread.length) }, takeTurns))
    }
    return rows
  }
}

/** Ids, each once, by the bucket of each. */
function inBuckets(ids: Iterable<string>, bucketCount: number): Map<number, Set<string>> {
  const buckets = new Map<number, Set<string>>()
  for (const id of ids) {
    const n = bucketOf(id, bucketCount)
    const bucket = buckets.get(n)
    if (bucket === undefined) buckets.set(n, new Set([id]))
    else bucket.add(id)
  }
  return buckets
}
