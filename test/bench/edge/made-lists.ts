import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { itemsPerBucket, usersPerBucket } from '../../../job/publish/bucket-count.ts'
import { encodeFoldInPart, foldInPartItems } from '../../../shared/fold-in-part.ts'
import { encodeItemBucket } from '../../../shared/item-bucket.ts'
import {
  bucketOf,
  currentKey,
  foldInHeadKey,
  foldInPartKey,
  itemBucketKey,
  metaKey,
  popularKey,
  userBucketKey,
} from '../../../shared/kv-keys.ts'
import { encodeUserBucket } from '../../../shared/user-bucket.ts'
import type { CurrentPointer, VersionMeta } from '../../../shared/version-meta.ts'

export const versionId = '20260422T031500Z-aaaaaa'

/** As published: lists of 100, histories of 50. */
const usualUserBuckets = 1024
const itemBucketCount = 8
const itemCount = itemBucketCount * itemsPerBucket

export const itemIdOf = (index: number) => `item-${String(index).padStart(6, '0')}`

/** A key that others go on from is a folder and no file, so its file has another name. */
export const fileOfKey = (key: string) => key.replace(/\/foldin$/, '/foldin-head')

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

/**
 * Writes a version of made lists into a folder, a file a key. The same each time.
 *
 * @param foldInItems of how many items a fold-in component is made; 0 for none
 */
export function writeMadeLists(
  folder: string,
  { userBucketCount = usualUserBuckets, foldInItems = 0 } = {},
): MadeLists {
  const userCount = userBucketCount * usersPerBucket
  const put = (key: string, value: Uint8Array | string) => {
    const file = join(folder, fileOfKey(key))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, value)
    return value.length
  }
  const itemIds = Array.from({ length: itemCount }, (_, i) => itemIdOf(i))
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
    items: Math.max(itemCount, foldInItems),
    k: 100,
    userBucketCount,
    itemBucketCount,
    metrics: {},
    ...(foldInItems > 0 && { foldIn: putMadeFoldIn(put, foldInItems) }),
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

/** A component of seeded noise, with the hidden units that `train` gives it. */
function putMadeFoldIn(put: (key: string, value: Uint8Array | string) => void, items: number) {
  const hidden = 160
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const weights = (rows: number) =>
    Int8Array.from({ length: rows * hidden }, () => Math.round(254 * random() - 127))
  const parts = Math.ceil(items / foldInPartItems)
  for (let n = 0; n < parts; n++) {
    const rows = Math.min(foldInPartItems, items - n * foldInPartItems)
    const part = {
      itemIds: Array.from({ length: rows }, (_, i) => itemIdOf(n * foldInPartItems + i)),
      encoder: weights(rows),
      encoderScales: new Float32Array(rows).fill(0.003),
      decoder: weights(rows),
      decoderScales: new Float32Array(rows).fill(0.003),
      outputBias: Float32Array.from({ length: rows }, random),
    }
    put(foldInPartKey(versionId, n), encodeFoldInPart(part, hidden))
  }
  const head = { items, hidden, parts, hiddenBias: Array.from({ length: hidden }, () => random() - 0.5) }
  put(foldInHeadKey(versionId), JSON.stringify(head))
  return { digest: 'f'.repeat(64), hidden, parts, metrics: {} }
}

/** The numbers below a count, by the buckets of their ids. */
function inBuckets(count: number, bucketCount: number, idOf: (n: number) => string): number[][] {
  const buckets: number[][] = Array.from({ length: bucketCount }, () => [])
  for (let n = 0; n < count; n++) buckets[bucketOf(idOf(n), bucketCount)]?.push(n)
  return buckets
}
