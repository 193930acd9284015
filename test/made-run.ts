import { join } from 'node:path'
import { datasetManifestPath } from '../job/data/dataset.ts'
import { type DatasetManifest, datasetManifest } from '../job/data/dataset-manifest.ts'
import { readJsonFile, writeJsonFile } from '../job/data/json-file.ts'
import { Random } from '../job/data/random.ts'
import { openRun, type Run, runManifestPath } from '../job/data/run.ts'
import type { RunManifest } from '../job/data/run-manifest.ts'
import { parameterNames, parameterShape } from '../job/engine/model-state.ts'
import { jcaSpec } from '../job/models/jca.ts'
import { openStore } from '../job/store/open-store.ts'
import type { Store } from '../job/store/store.ts'
import { writeSafetensors } from '../job/train/safetensors.ts'
import { defaultOptions } from '../job/train/train-options.ts'
import { makeDataset } from './made-dataset.ts'

export interface MadeSize {
  users: number
  items: number
  /** Drawn at random; repeats are folded, so there are somewhat fewer pairs. */
  rows: number
  hidden: number
}

/** Rows in a part of the dataset, as import writes them. */
const rowsOfPart = 1_000_000

/**
 * A run and its dataset, `FOLDER/run` and `FOLDER/dataset`, that nobody trained: random weights, random rows of which few
 * items have most. For what does not ask how good lists are.
 */
export async function makeRun(folder: string, size: MadeSize): Promise<Run> {
  await makeRows(openStore(join(folder, 'dataset')), size)
  const data = openStore(join(folder, 'dataset'))
  const dataset = await readJsonFile(data, datasetManifestPath, datasetManifest, 'DATASET_MANIFEST')
  const store = openStore(join(folder, 'run'))
  await writeJsonFile(store, runManifestPath, await manifestOf(store, dataset, size))
  return openRun(store)
}

async function makeRows(store: Store, { users, items, rows }: MadeSize): Promise<void> {
  const random = new Random(1)
  const parts = Array.from({ length: Math.ceil(rows / rowsOfPart) }, (_, part) => {
    const length = Math.min(rowsOfPart, rows - part * rowsOfPart)
    return {
      users: Array.from({ length }, () => random.below(users)),
      items: Array.from({ length }, () => Math.floor(items * random.next() ** 2)),
    }
  })
  const named = (prefix: string, length: number) => Array.from({ length }, (_, n) => `${prefix}-${n}`)
  await makeDataset(store, { userIds: named('user', users), itemIds: named('item', items), parts })
}

async function manifestOf(store: Store, dataset: DatasetManifest, size: MadeSize): Promise<RunManifest> {
  const config = { ...defaultOptions, hidden: size.hidden, l2: 0.001 }
  return {
    format: 'nightjar-run',
    schemaVersion: 1,
    versionId: '20261126T020000Z-1f2e3d',
    model: 'jca',
    config,
    seed: 1,
    engine: { name: 'wasm', threads: 1 },
    nightjar: { version: 'made', commit: null },
    dataset: {
      ...{ uri: '../dataset', digest: dataset.digest, parts: dataset.parts.length },
      ...dataset.counts,
    },
    dataCutoff: dataset.createdAt,
    startedAt: dataset.createdAt,
    epochs: { best: 1, trained: 1, refit: true },
    validation: null,
    curve: [],
    timingsMs: {},
    weights: await makeWeights(store, size),
    holdout: null,
    scores: null,
  }
}

/** Uniform weights, large enough that users' lists differ. */
async function makeWeights(store: Store, { users, items, hidden }: MadeSize) {
  const spec = jcaSpec({ ...defaultOptions, hidden, l2: 0.001 })
  const named = parameterNames.map((name) => [name, parameterShape(spec, name, users, items)] as const)
  const there = named.filter(([, shape]) => !shape.includes(0))
  const tensors = there.map(([name, shape], index) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1))
    const random = new Random(2, index)
    for (let i = 0; i < data.length; i++) data[i] = random.next() - 0.5
    return { name, shape, data }
  })
  const path = 'model/weights.safetensors'
  return { path, rows: users, ...(await writeSafetensors(store, path, tensors, { step: '1' })) }
}
