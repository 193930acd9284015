import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { encodeItemBucket } from '../../../shared/item-bucket.ts'
import {
  bucketOf,
  currentKey,
  itemBucketKey,
  metaKey,
  popularKey,
  userBucketKey,
} from '../../../shared/kv-keys.ts'
import { encodeUserBucket } from '../../../shared/user-bucket.ts'
import type { CurrentPointer, VersionMeta } from '../../../shared/version-meta.ts'

export const versionId = '20260422T031500Z-aaaaaa'

/** As published: 128 users and 512 items a bucket, lists of 100, histories of 50. */
const userBucketCount = 512
const itemBucketCount = 8
const userCount = userBucketCount * 128
const itemCount = itemBucketCount * 512

export interface MadeLists {
  /** A user of each bucket, in the order of the buckets. */
  userIds: string[]
  users: number
  items: number
  userBuckets: number
  itemBuckets: number
  meanUserBucketBytes: number
  meanItemBucketBytes: number
}

/** Writes a version of made lists into a folder, a file a key. The same each time. */
export function writeMadeLists(folder: string): MadeLists {
  const put = (key: string, value: Uint8Array | string) => {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), value)
    return value.length
  }
  const itemIds = Array.from({ length: itemCount }, (_, i) => `item-${String(i).padStart(6, '0')}`)
  // Each list is every 41st item from a place of its own on: all item buckets have part in it.
  const listOf = (user: number, length: number) =>
    Array.from({ length }, (_, rank) => itemIds[(user * 13 + rank * 41) % itemCount] as string)
  const usersOf = inBuckets(userCount, userBucketCount, (user) => `user-${user}`)
  const userIds: string[] = []
  let userBytes = 0
  for (let bucket = 0; bucket < userBucketCount; bucket++) {
    const users = usersOf[bucket] ?? []
    userIds.push(`user-${users[users.length >> 1]}`)
    const rows = users.map((user) => ({
      userId: `user-${user}`,
      itemIds: listOf(user, 100),
      scores: Array.from({ length: 100 }, (_, rank) => 2 - rank / 64),
      history: listOf(user + 7, 50),
    }))
    userBytes += put(userBucketKey(versionId, bucket), encodeUserBucket(rows))
  }
  let itemBytes = 0
  const itemsOf = inBuckets(itemCount, itemBucketCount, (item) => itemIds[item] as string)
  for (let bucket = 0; bucket < itemBucketCount; bucket++) {
    const rows = (itemsOf[bucket] ?? []).map((i) => ({
      itemId: itemIds[i] as string,
      title: `The title of item number ${i}`,
      category: `category ${i % 20}`,
      count: itemCount - i,
      similar: listOf(i, 30),
      similarScores: Array.from({ length: 30 }, (_, rank) => 1 - rank / 64),
    }))
    itemBytes += put(itemBucketKey(versionId, bucket), encodeItemBucket(rows))
  }
  const popular = itemIds
    .slice(0, 200)
    .map((itemId, i) => ({ itemId, title: `Item ${i}`, count: itemCount - i }))
  put(popularKey(versionId), JSON.stringify(popular))
  const meta: VersionMeta = {
    versionId,
    digest: 'd'.repeat(64),
    model: 'jca',
    dataCutoff: '2026-04-22T00:00:00.000Z',
    trainedAt: '2026-04-22T03:15:00.000Z',
    users: userCount,
    items: itemCount,
    k: 100,
    userBucketCount,
    itemBucketCount,
    metrics: {},
  }
  put(metaKey(versionId), JSON.stringify(meta))
  const pointer: CurrentPointer = {
    current: versionId,
    previous: null,
    pinned: null,
    retained: [versionId],
    publishedAt: '2026-04-22T04:00:00.000Z',
  }
  put(currentKey, JSON.stringify(pointer))
  return {
    userIds,
    users: userCount,
    items: itemCount,
    userBuckets: userBucketCount,
    itemBuckets: itemBucketCount,
    meanUserBucketBytes: Math.round(userBytes / userBucketCount),
    meanItemBucketBytes: Math.round(itemBytes / itemBucketCount),
  }
}

/** The numbers below a count, by the buckets of their ids. */
function inBuckets(count: number, bucketCount: number, idOf: (n: number) => string): number[][] {
  const buckets: number[][] = Array.from({ length: bucketCount }, () => [])
  for (let n = 0; n < count; n++) buckets[bucketOf(idOf(n), bucketCount)]?.push(n)
  return buckets
}
