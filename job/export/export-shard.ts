import type { ScorePart } from '../data/run-manifest.ts'
import { type ExportOptions, type ExportReport, totals } from './export-run.ts'
import { type Lists, openLists, shapeOf } from './lists.ts'
import { type PartPlace, placesOf, type Shard } from './part-places.ts'
import { PartWriter } from './part-writer.ts'
import { foreignIn, type Maker, makerOn, makerText, readReceipt, writeReceipt } from './shard-receipt.ts'
import { standingParts } from './standing-export.ts'
import { damagedParts } from './verify-parts.ts'

export interface ShardReport extends Omit<ExportReport, 'shortLists'> {
  shard: number
  of: number
  /** Null where the parts were written before a merge, which keeps no count. */
  shortLists: number | null
  /** Whether anything was written: not where all of it was there already. */
  isNew: boolean
}

/**
 * Writes one shard's parts of an export, the same bytes as of {@link exportRun}, and last a receipt that vouches for
 * them. The run's manifest stays as it is until `mergeShards`.
 *
 * A shard whose receipt stands and whose files are whole is done: a job that is started once more does nothing.
 *
 * @throws NightjarError EXPORTED where the manifest vouches for another export
 */
export async function exportShard(options: ExportOptions, shard: Shard): Promise<ShardReport> {
  const began = options.clock.elapsedMs()
  const lists = await openLists(options)
  const places = placesOf(shard, lists.places)
  const report = (parts: ScorePart[], shortLists: number | null, isNew: boolean): ShardReport => ({
    shard: shard.index,
    of: shard.of,
    ...{ parts, k: options.k, shortLists, isNew },
    ...totals(parts),
    elapsedMs: options.clock.elapsedMs() - began,
  })
  const standing = await standingParts(lists, places, options)
  if (standing !== undefined) return report(standing, null, false)
  const maker = makerOn(options.engine)
  const done = await doneBefore(lists, shard, places, maker, options)
  if (done !== undefined) return report(done.parts, done.shortLists, false)
  const { parts, shortLists } = await writeParts(lists, places, options)
  await writeReceipt(options.run.store, shard, { lists: shapeOf(lists), maker, shortLists, parts })
  options.progress.end(`${totals(parts).users} lists of ${options.k}`)
  return report(parts, shortLists, true)
}

async function doneBefore(
  lists: Lists,
  shard: Shard,
  places: PartPlace[],
  maker: Maker,
  options: ExportOptions,
) {
  const receipt = await readReceipt(lists.run.store, shard)
  if (receipt === undefined || foreignIn(receipt, shapeOf(lists), places) !== undefined) return undefined
  if (makerText(receipt.maker) !== makerText(maker)) return undefined
  const damaged = await damagedParts(lists.run.store, receipt.parts, options)
  return damaged.length === 0 ? receipt : undefined
}

async function writeParts(lists: Lists, places: PartPlace[], options: ExportOptions) {
  if (places.length === 0) return { parts: [], shortLists: 0 }
  const writer = await PartWriter.open(lists, places, options)
  try {
    return await writer.write()
  } finally {
    writer.close()
  }
}
