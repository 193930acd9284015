import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Dataset } from '../../job/data/dataset.ts'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { openRun, type Run } from '../../job/data/run.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { exportRun } from '../../job/export/export-run.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { defaultOptions, type TrainOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { makeDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'

const clock = new ManualClock('2026-04-23T03:15:00Z')
const engine = wasmEngineOn(1)
export const quickTraining: TrainOptions = { ...defaultOptions, hidden: 8, learningRate: 0.02, epochs: 10 }

/** A shop whose ids and titles a browser would take for its own, were they not escaped. */
export async function nastyShop(): Promise<Dataset> {
  const { users, items, train } = plantTastes({ users: 120, itemsPerTaste: 12, itemsPerUser: 14 }, 1)
  const userIds = users.map(({ id }) => id)
  const itemIds = items.map(({ id }) => id)
  return makeDataset(openStore(await fileFolder()), {
    userIds: userIds.map((id) => `<img src=x onerror=alert(1)>${id}`),
    itemIds,
    titles: items.map(({ title }) => `<script>alert("${title}")</script>`),
    parts: [
      {
        users: train.map(({ userId }) => userIds.indexOf(userId)),
        items: train.map(({ itemId }) => itemIds.indexOf(itemId)),
      },
    ],
  })
}

/** A run, trained and exported. */
export async function reportedRun(
  dataset: Dataset,
  options: TrainOptions = quickTraining,
  k: number | null = 12,
): Promise<Run> {
  const store = openStore(await fileFolder())
  const common = { engine, clock, progress: silentProgress }
  const run = await trainRun({ ...common, dataset, store, options, resume: false, overwrite: false })
  if (k !== null) await exportRun({ ...common, run, k, includeSeen: false, partUsers: 64 })
  return openRun(store)
}

/** A folder that is there until the tests of a file are done. */
async function fileFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-report-'))
  folders.push(folder)
  return folder
}

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})
