import { encodeItemBucket } from '../../shared/item-bucket.ts'
import { itemBucketKey, metaKey, popularKey, userBucketKey } from '../../shared/kv-keys.ts'
import type { TopK } from '../../shared/top-k.ts'
import { encodeUserBucket } from '../../shared/user-bucket.ts'
import type { ItemRow, UserRow, VersionMeta } from '../../shared/version-meta.ts'
import type { Dataset, ItemTable } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import { itemCounts } from '../models/popularity.ts'
import type { Progress } from '../progress.ts'
import { readFoldIn } from '../train/fold-in.ts'
import { bucketCountFor, itemsPerBucket, usersPerBucket } from './bucket-count.ts'
import { type BucketPlan, type Pass, passesOf, planBuckets } from './bucket-plan.ts'
import { foldInPartCount, writeFoldInParts } from './fold-in.ts'
import { type Histories, historyMax, noHistories, readHistories } from './histories.ts'
import { encodeJson } from './pointer.ts'
import { popularItems } from './popular.ts'
import { type ScoreLists, ScoreReader } from './score-lists.ts'
import { similarItems } from './similar-items.ts'
import { ValueTooLargeError, type VersionWriter } from './version-writer.ts'

/** What a version is made from, opened and checked; its rows are not read yet. */
export interface VersionSource {
  run: Run
  dataset: Dataset
  /** By index; '' for a forgotten one. */
  userIds: string[]
  items: ItemTable
  lists: ScoreReader
  /** What its description will be, unless the buckets turn out too large. */
  meta: VersionMeta
}

/** @throws NightjarError NO_SCORES, SCORES_INCOMPLETE */
export async function openVersionSource(
  run: Run,
  dataset: Dataset,
  withHistories: boolean,
): Promise<VersionSource> {
  const { manifest } = run
  const userIds = await dataset.userIds(run.extent)
  const items = await dataset.items(run.extent)
  const lists = new ScoreReader(run, userIds, items.ids)
  const users = userIds.filter((id) => id !== '').length
  const meta: VersionMeta = {
    versionId: manifest.versionId,
    digest: lists.digest,
    model: manifest.model,
    dataCutoff: manifest.dataCutoff,
    trainedAt: manifest.startedAt,
    users,
    items: items.ids.length,
    k: lists.k,
    userBucketCount: bucketCountFor(users, usersPerBucket),
    itemBucketCount: bucketCountFor(items.ids.length, itemsPerBucket),
    metrics: manifest.validation ?? {},
    historyMax: withHistories ? historyMax : 0,
    ...(manifest.foldIn !== undefined && {
      foldIn: {
        digest: manifest.foldIn.weights.sha256,
        hidden: manifest.foldIn.config.hidden,
        parts: foldInPartCount(items.ids.length),
        metrics: manifest.foldIn.validation ?? {},
      },
    }),
  }
  return { run, dataset, userIds, items, lists, meta }
}

/**
 * Writes every key of a version, its description last.
 *
 * The score files may be larger than memory: they are read once for every `passBytes` of rows, each time for
 * the users of the next few buckets.
 *
 * @returns the description as written, with the bucket counts that were needed
 */
export async function writeVersion(
  source: VersionSource,
  writer: VersionWriter,
  passBytes: number,
  progress: Progress,
): Promise<VersionMeta> {
  const { versionId } = source.meta
  const userBucketCount = await writeInBuckets(source.meta.userBucketCount, writer, (bucketCount) =>
    writeUserBuckets(source, bucketCount, writer, passBytes, progress),
  )
  const ratings = await source.run.ratings(source.dataset)
  const counts = itemCounts(ratings)
  const similar = similarItems(ratings, writer.signal)
  const itemBucketCount = await writeInBuckets(source.meta.itemBucketCount, writer, (bucketCount) =>
    writeItemBuckets(source, bucketCount, counts, similar, writer),
  )
  await writer.put(popularKey(versionId), encodeJson(popularItems(source.items, counts)))
  const foldIn = await readFoldIn(source.run)
  if (foldIn !== undefined) await writeFoldInParts(versionId, source.items.ids, foldIn, writer)
  const meta = { ...source.meta, userBucketCount, itemBucketCount }
  await writer.put(metaKey(versionId), encodeJson(meta))
  await writer.flush()
  return meta
}

/** Writes with `bucketCount` buckets, or with twice as many as long as a value is too large. */
async function writeInBuckets(
  bucketCount: number,
  writer: VersionWriter,
  write: (bucketCount: number) => Promise<void>,
): Promise<number> {
  for (let count = bucketCount; ; count *= 2) {
    try {
      await write(count)
      return count
    } catch (error) {
      // A value of one row gets no smaller. The keys put so far are among those of the next attempt.
      if (!(error instanceof ValueTooLargeError) || error.rows === 1) throw error
      await writer.flush()
    }
  }
}

async function writeUserBuckets(
  source: VersionSource,
  bucketCount: number,
  writer: VersionWriter,
  passBytes: number,
  progress: Progress,
): Promise<void> {
  const { userIds, lists, dataset, run } = source
  const plan = planBuckets(userIds, bucketCount)
  // Per user: an index and a score for each item of the list, an index and a time for each of the history.
  const placeBytes = lists.k * (4 + 4) + historyMax * (4 + 8)
  progress.start('publish', plan.order.length, { unit: 'users' })
  for (const pass of passesOf(plan, Math.max(1, Math.floor(passBytes / placeBytes)))) {
    const rows = pass.endPlace - pass.firstPlace
    const rowOf = (userIndex: number) => {
      const place = plan.placeOf[userIndex]
      return place >= pass.firstPlace && place < pass.endPlace ? place - pass.firstPlace : -1
    }
    const rowLists = await lists.read(rows, rowOf)
    const histories =
      source.meta.historyMax === 0
        ? noHistories(rows)
        : await readHistories(dataset, run.extent, rows, rowOf, run.knownRules)
    for (let bucket = pass.firstBucket; bucket < pass.endBucket; bucket++) {
      const userRows = userRowsOf(source, plan, bucket, pass, rowLists, histories)
      await writer.put(
        userBucketKey(source.meta.versionId, bucket),
        encodeUserBucket(userRows),
        userRows.length,
      )
      progress.update(plan.offsets[bucket + 1], `${(writer.bytes / 1e6).toFixed(0)} MB`)
    }
  }
  progress.end()
}

function userRowsOf(
  source: VersionSource,
  plan: BucketPlan,
  bucket: number,
  pass: Pass,
  lists: ScoreLists,
  histories: Histories,
): UserRow[] {
  const itemId = (index: number) => source.items.ids[index] as string
  const { k } = lists
  return indexesOf(plan, bucket).map((userIndex) => {
    const row = plan.placeOf[userIndex] - pass.firstPlace
    const listEnd = row * k + lists.lengths[row]
    const historyStart = row * historyMax
    return {
      userId: source.userIds[userIndex] as string,
      itemIds: Array.from(lists.items.subarray(row * k, listEnd), itemId),
      scores: Array.from(lists.scores.subarray(row * k, listEnd)),
      history: Array.from(
        histories.items.subarray(historyStart, historyStart + histories.lengths[row]),
        itemId,
      ),
    }
  })
}

async function writeItemBuckets(
  source: VersionSource,
  bucketCount: number,
  counts: Uint32Array,
  similar: readonly TopK[],
  writer: VersionWriter,
): Promise<void> {
  const { ids, titles, categories } = source.items
  const plan = planBuckets(ids, bucketCount)
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const rows = indexesOf(plan, bucket).map(
      (index): ItemRow => ({
        itemId: ids[index] as string,
        title: titles?.[index] ?? '',
        category: categories?.[index] ?? '',
        count: counts[index],
        similar: Array.from(similar[index].items, (item) => ids[item] as string),
        similarScores: Array.from(similar[index].scores),
      }),
    )
    await writer.put(itemBucketKey(source.meta.versionId, bucket), encodeItemBucket(rows), rows.length)
  }
}

function indexesOf(plan: BucketPlan, bucket: number): number[] {
  return Array.from(plan.order.subarray(plan.offsets[bucket], plan.offsets[bucket + 1]))
}
