import type { Clock } from '../clock.ts'
import type { ScorePart } from '../data/run-manifest.ts'
import type { Progress } from '../progress.ts'
import { type ExportReport, nameScores, totals } from './export-run.ts'
import { type ListOptions, type Lists, openLists, shapeOf } from './lists.ts'
import { placesOf, type Shard } from './part-places.ts'
import { type Refusal, refusal } from './refused-shards.ts'
import { foreignIn, makerText, readReceipt, type ShardReceipt } from './shard-receipt.ts'
import { standingParts } from './standing-export.ts'
import { damagedParts } from './verify-parts.ts'

export interface MergeOptions extends ListOptions {
  /** Into how many shards the export was divided. */
  of: number
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

export interface MergeReport extends Omit<ExportReport, 'shortLists'> {
  of: number
  /** Null where the merge was done before, for the receipts that counted them are gone. */
  shortLists: number | null
  isNew: boolean
}

/**
 * Checks that the shards' parts are together what {@link exportRun} would write now, and names them in the manifest:
 * last of all, so that before it no reader sees any. What else lies in `scores/` is then deleted, the receipts too.
 *
 * @throws NightjarError SHARDS_MISSING, SHARDS_FOREIGN, SHARDS_DAMAGED naming the shards and the commands that write them
 *   again; EXPORTED where the manifest vouches for another export
 */
export async function mergeShards(options: MergeOptions): Promise<MergeReport> {
  const { clock, k, of, progress } = options
  const began = clock.elapsedMs()
  const lists = await openLists(options)
  const report = (parts: ScorePart[], shortLists: number | null): MergeReport => ({
    ...{ of, parts, k, shortLists, isNew: shortLists !== null },
    ...totals(parts),
    elapsedMs: clock.elapsedMs() - began,
  })
  // A merge that was killed after it had named the parts, or that is asked for twice.
  const standing = await standingParts(lists, lists.places, options)
  if (standing !== undefined) {
    await deleteAllBut(lists, standing)
    return report(standing, null)
  }
  const receipts = await agreeingReceipts(lists, options)
  const parts = receipts.flatMap((receipt) => receipt.parts)
  await checkFiles(lists, receipts, options)
  await nameScores(options, parts)
  await deleteAllBut(lists, parts)
  progress.end(`${totals(parts).users} lists of ${k}`)
  return report(
    parts,
    receipts.reduce((sum, receipt) => sum + receipt.shortLists, 0),
  )
}

/** All receipts, in order; together they are of every user's list, each once, for each holds its own places. */
async function agreeingReceipts(lists: Lists, options: MergeOptions): Promise<ShardReceipt[]> {
  const { store } = lists.run
  const shape = shapeOf(lists)
  const shards = Array.from({ length: options.of }, (_, index): Shard => ({ index, of: options.of }))
  const receipts: ShardReceipt[] = []
  const missing: Refusal[] = []
  const foreign: Refusal[] = []
  for (const shard of shards) {
    const receipt = await readReceipt(store, shard)
    if (receipt === undefined) {
      missing.push({ index: shard.index, reason: 'no receipt' })
      continue
    }
    const reason = foreignIn(receipt, shape, placesOf(shard, lists.places))
    if (reason === undefined) receipts.push(receipt)
    else foreign.push({ index: shard.index, reason })
  }
  foreign.push(...otherMakers(receipts))
  if (foreign.length > 0) {
    throw refusal(options, 'SHARDS_FOREIGN', [...missing, ...foreign], {
      why: 'they were written with other options, by another engine or version, or before somebody was forgotten',
    })
  }
  if (missing.length > 0) {
    throw refusal(options, 'SHARDS_MISSING', missing, {
      why: 'their jobs failed, or have not ended yet; or the export was divided into another number of shards',
    })
  }
  return receipts
}

/** Shards that not the same engine and version wrote as most. One without parts computed nothing. */
function otherMakers(receipts: readonly ShardReceipt[]): Refusal[] {
  const made = receipts.filter(({ parts }) => parts.length > 0)
  const counts = new Map<string, number>()
  for (const { maker } of made) counts.set(makerText(maker), (counts.get(makerText(maker)) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return made
    .filter(({ maker }) => makerText(maker) !== most?.[0])
    .map(({ shard, maker }) => ({
      index: shard,
      reason: `made by ${makerText(maker)}, others by ${most?.[0]}`,
    }))
}

async function checkFiles(
  lists: Lists,
  receipts: readonly ShardReceipt[],
  options: MergeOptions,
): Promise<void> {
  const parts = receipts.flatMap((receipt) => receipt.parts)
  const damaged = await damagedParts(lists.run.store, parts, options)
  if (damaged.length === 0) return
  const refusals = damaged.map(({ part, reason }) => ({
    index: receipts.findIndex((receipt) => receipt.parts.includes(part)),
    reason,
  }))
  throw refusal(options, 'SHARDS_DAMAGED', refusals, {
    why: 'files were changed or deleted after they were written, or another export writes here at this moment',
  })
}

async function deleteAllBut({ run }: Lists, parts: readonly ScorePart[]): Promise<void> {
  const named = new Set(parts.map(({ path }) => path))
  for (const { key } of await run.store.list('scores/')) if (!named.has(key)) await run.store.delete(key)
}
