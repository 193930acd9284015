import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeArrowFile } from '../../job/data/arrow-file.ts'
import { datasetManifestPath } from '../../job/data/dataset.ts'
import { writeJsonFile } from '../../job/data/json-file.ts'
import { type Run, runManifestPath } from '../../job/data/run.ts'
import { type ScoreOrigin, ScoreTableBuilder } from '../../job/export/score-table.ts'
import { sha256Of } from '../../job/store/sha256-of.ts'
import { type MadeData, makeRun } from '../publish/made-run.ts'

/** A list that is to stand in a score file, as item indexes. */
export interface PlantedList {
  userId: string
  items: number[]
  scores: number[]
}

const users = 6
const items = 8
const k = 3

/** A sound run: six users who have two of eight items, lists of three of the others. */
const soundData: MadeData = {
  versionId: '20260423T031500Z-1f2e3d',
  k,
  users: Array.from({ length: users }, (_, u) => ({
    id: `user-${u}`,
    history: [{ item: u }, { item: u + 1 }],
    list: [(u + 2) % items, (u + 3) % items, (u + 4) % items],
  })),
  items: Array.from({ length: items }, (_, i) => ({ id: `item-${i}`, title: `Title ${i}` })),
}

export const soundLists = (): PlantedList[] =>
  soundData.users.map(({ id, list }) => ({ userId: id, items: [...list], scores: [0.9, 0.8, 0.7] }))

/**
 * The run with other lists in its one part, which the manifest vouches for; its weights are there, and are what the manifest
 * says.
 */
export async function runWithLists(
  lists: PlantedList[],
  options: { origin?: ScoreOrigin; itemIds?: string[] } = {},
): Promise<{ run: string; dataset: string; part: string }> {
  const { run, dataset, folder } = await makeRun({ ...soundData, partUsers: users })
  await writeJsonFile(dataset.store, datasetManifestPath, dataset.manifest)
  const place = join(folder, 'run')
  await writeFile(join(place, 'weights'), 'weights')
  const weights = { path: 'weights', rows: users, bytes: 7, sha256: await sha256Of(run.store, 'weights') }
  const part = await plant(run, lists, options)
  const scores = { k, includeSeen: false, exportedAt: '2026-04-23T03:20:00.000Z', parts: [part] }
  await writeJsonFile(run.store, runManifestPath, { ...run.manifest, weights, scores })
  return { run: place, dataset: join(folder, 'dataset'), part: join(place, part.path) }
}

async function plant(
  run: Run,
  lists: PlantedList[],
  { origin, itemIds }: { origin?: ScoreOrigin; itemIds?: string[] },
) {
  const table = new ScoreTableBuilder(itemIds ?? soundData.items.map(({ id }) => id), origin).build(
    lists.map(({ userId }) => userId),
    lists.map((list) => ({ items: Uint32Array.from(list.items), scores: Float32Array.from(list.scores) })),
  )
  const file = await writeArrowFile(run.store, 'scores/part-00000.arrow', table)
  return { ...file, firstUser: 0, lastUser: users - 1 }
}

/** Changes one bit in the middle of a file. */
export async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length >> 1] ^= 1
  await writeFile(path, bytes)
}
