import type { Clock } from '../clock.ts'
import { writeJsonFile } from '../data/json-file.ts'
import { type Run, runManifestPath } from '../data/run.ts'
import type { ScorePart } from '../data/run-manifest.ts'
import { type ListOptions, openLists } from './lists.ts'
import { PartWriter, type WriteOptions } from './part-writer.ts'

export interface ExportOptions extends ListOptions, WriteOptions {
  clock: Clock
}

export interface ExportReport {
  parts: ScorePart[]
  users: number
  k: number
  bytes: number
  /** Users whose list is shorter than k, for their unseen catalogue is. */
  shortLists: number
  elapsedMs: number
}

/**
 * Writes every user's top K as Arrow score files `scores/part-*.arrow`, in the order of the dataset's users,
 * and names them in the run's manifest.
 *
 * An earlier export is disowned first and the new one named last, so a kill at any moment leaves lists that
 * the manifest vouches for, or none.
 *
 * @throws NightjarError SCORES_NOT_FINITE where a score is NaN or infinite
 */
export async function exportRun(options: ExportOptions): Promise<ExportReport> {
  const { run, k, clock, progress } = options
  const began = clock.elapsedMs()
  const lists = await openLists(options)
  const writer = lists.places.length === 0 ? undefined : await PartWriter.open(lists, lists.places, options)
  await discardScores(run)
  try {
    const { parts, shortLists } = (await writer?.write()) ?? { parts: [], shortLists: 0 }
    await nameScores(options, parts)
    const report = { ...totals(parts), parts, k, shortLists, elapsedMs: clock.elapsedMs() - began }
    progress.end(`${report.users} lists of ${k}`)
    return report
  } catch (error) {
    await discardScores(run)
    throw error
  } finally {
    writer?.close()
  }
}

/** Disowns and deletes what an earlier export wrote: whole, in shards, or to its half. */
export async function discardScores({ store, manifest }: Run): Promise<void> {
  if (manifest.scores !== null) await writeJsonFile(store, runManifestPath, { ...manifest, scores: null })
  for (const { key } of await store.list('scores/')) await store.delete(key)
}

/** Makes parts that lie there the run's scores. */
export async function nameScores(
  { run, k, includeSeen, clock }: ListOptions & { clock: Clock },
  parts: ScorePart[],
): Promise<void> {
  await writeJsonFile(run.store, runManifestPath, {
    ...run.manifest,
    scores: { k, includeSeen, exportedAt: clock.now().toISOString(), parts },
  })
}

export function totals(parts: readonly ScorePart[]): { users: number; bytes: number } {
  const sum = (of: (part: ScorePart) => number) => parts.reduce((total, part) => total + of(part), 0)
  return { users: sum((part) => part.rows), bytes: sum((part) => part.bytes) }
}
