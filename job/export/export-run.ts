import type { TopK } from '../../shared/top-k.ts'
import type { Clock } from '../clock.ts'
import { writeArrowFile } from '../data/arrow-file.ts'
import { rowOf } from '../data/csr-matrix.ts'
import { writeJsonFile } from '../data/json-file.ts'
import { type Run, runManifestPath } from '../data/run.ts'
import type { ScorePart } from '../data/run-manifest.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import type { Progress } from '../progress.ts'
import { openTrainedModel } from '../train/trained-model.ts'
import { ScoreTableBuilder } from './score-table.ts'

export interface ExportOptions {
  run: Run
  /** Where the dataset lies now, if it was moved. */
  datasetUri?: string
  engine: Engine
  /** Items in a list. */
  k: number
  /** Recommend known items again: for what is bought or heard repeatedly. */
  includeSeen: boolean
  /** Users in a part; at most 65,536, for a part is one record batch. */
  partUsers: number
  clock: Clock
  progress: Progress
  signal?: AbortSignal
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

/** Users in a part, unless a test wants fewer: a batch of 65,536 x 100 is about 55 MB. */
export const partUsersMax = 65_536

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
  const { run, engine, k, includeSeen, clock, progress, signal } = options
  const began = clock.elapsedMs()
  const dataset = await run.openDataset(options.datasetUri)
  const userIds = await dataset.userIds(run.extent)
  const items = await dataset.items(run.extent)
  const { model } = await openTrainedModel(run, dataset, engine)
  const known = includeSeen ? undefined : await run.known(dataset)
  const tables = new ScoreTableBuilder(items.ids)
  await removeScores(run)
  const parts: ScorePart[] = []
  let shortLists = 0
  progress.start('export', userIds.length)
  try {
    for (let first = 0; first < userIds.length; first += options.partUsers) {
      const end = Math.min(first + options.partUsers, userIds.length)
      // Who is forgotten gets no list, and keeps the place among the indexes.
      const users = Uint32Array.from({ length: end - first }, (_, row) => first + row).filter(
        (user) => userIds[user] !== '',
      )
      const lists: TopK[] = []
      await forEachTopK(
        model,
        users,
        items.ids.length,
        k,
        known,
        (user, list) => {
          const seen = known === undefined ? 0 : rowOf(known, user).length
          checkFinite(list, Math.min(k, items.ids.length - seen), userIds[user])
          if (list.items.length < k) shortLists++
          lists.push(list)
        },
        (done) => {
          throwIfCancelled(signal)
          progress.update(first + done)
        },
      )
      const name = `scores/part-${String(parts.length).padStart(5, '0')}.arrow`
      const table = tables.build(
        Array.from(users, (user) => userIds[user]),
        lists,
      )
      const file = await writeArrowFile(run.store, name, table)
      parts.push({ ...file, firstUser: first, lastUser: end - 1 })
    }
    await writeJsonFile(run.store, runManifestPath, {
      ...run.manifest,
      scores: { k, includeSeen, exportedAt: clock.now().toISOString(), parts },
    })
  } catch (error) {
    await removeScores(run)
    throw error
  } finally {
    model.close()
  }
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const users = parts.reduce((sum, part) => sum + part.rows, 0)
  progress.end(`${users} lists of ${k}`)
  return { parts, users, k, bytes, shortLists, elapsedMs: clock.elapsedMs() - began }
}

/** Disowns and deletes what an earlier export wrote. */
async function removeScores({ store, manifest }: Run): Promise<void> {
  if (manifest.scores !== null) await writeJsonFile(store, runManifestPath, { ...manifest, scores: null })
  for (const { key } of await store.list('scores/')) await store.delete(key)
}

/** A NaN is above no threshold, so it shows as a list that is too short. */
function checkFinite(list: TopK, expected: number, userId: string): void {
  if (list.items.length === expected && list.scores.every(Number.isFinite)) return
  throw new NightjarError('SCORES_NOT_FINITE', {
    what: `user ${JSON.stringify(userId)} has a score that is not a finite number`,
    why: 'the weights are damaged, or training ran away',
    fix: 'train again, with a lower --learning-rate',
  })
}
