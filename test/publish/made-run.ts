import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Table, TimestampMillisecond, Utf8, vectorFromArray } from 'apache-arrow'
import type { Clock } from '../../job/clock.ts'
import { writeArrowFile } from '../../job/data/arrow-file.ts'
import { Dataset } from '../../job/data/dataset.ts'
import { datasetDigest } from '../../job/data/dataset-manifest.ts'
import { Run } from '../../job/data/run.ts'
import type { ScorePart } from '../../job/data/run-manifest.ts'
import { ScoreTableBuilder } from '../../job/export/score-table.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { writeSafetensors } from '../../job/train/safetensors.ts'

interface MadeUser {
  id: string
  /** Item indexes in the order of import, with a time each where the dataset has times. */
  history: { item: number; time?: number }[]
  /** Item indexes, best first. */
  list: number[]
}

export interface MadeData {
  versionId: string
  users: MadeUser[]
  items: { id: string; title?: string; category?: string }[]
  k: number
  /** Users in a score part. */
  partUsers?: number
  /** Interactions in a dataset part. */
  partRows?: number
}

/** The score of the item at `rank` of a list: told apart between users, and exact in float32. */
export const scoreOf = (userIndex: number, rank: number) => 4 - rank / 64 + userIndex / 1024

/** A dataset and an exported run on disk, made without training anything. */
export async function makeRun(data: MadeData): Promise<{ run: Run; dataset: Dataset; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-publish-'))
  const dataset = await makeDataset(new FileStore(join(folder, 'dataset')), data)
  const store = new FileStore(join(folder, 'run'))
  const parts: ScorePart[] = []
  const tables = new ScoreTableBuilder(data.items.map((item) => item.id))
  const partUsers = data.partUsers ?? 1000
  for (let first = 0; first < data.users.length; first += partUsers) {
    const users = data.users.slice(first, first + partUsers)
    const lists = users.map((user, i) => ({
      items: Uint32Array.from(user.list),
      scores: Float32Array.from(user.list, (_, rank) => scoreOf(first + i, rank)),
    }))
    const table = tables.build(
      users.map((user) => user.id),
      lists,
    )
    const file = await writeArrowFile(
      store,
      `scores/part-${String(parts.length).padStart(5, '0')}.arrow`,
      table,
    )
    parts.push({ ...file, firstUser: first, lastUser: first + users.length - 1 })
  }
  const { manifest } = dataset
  const run = new Run(store, {
    format: 'nightjar-run',
    schemaVersion: 1,
    versionId: data.versionId,
    model: 'jca',
    config: {},
    seed: 1,
    engine: { name: 'wasm', threads: 1 },
    nightjar: { version: '0.1.0', commit: null },
    dataset: {
      uri: '../dataset',
      digest: manifest.digest,
      users: manifest.counts.users,
      items: manifest.counts.items,
      parts: manifest.parts.length,
      interactions: manifest.counts.interactions,
    },
    dataCutoff: '2026-04-22T00:00:00.000Z',
    startedAt: '2026-04-23T03:15:00.000Z',
    epochs: { best: 5, trained: 5, refit: true },
    validation: { ndcg10: 0.25 },
    curve: [],
    timingsMs: {},
    weights: { path: 'model/weights.safetensors', rows: 0, bytes: 0, sha256: '0'.repeat(64) },
    holdout: null,
    scores: { k: data.k, includeSeen: false, exportedAt: '2026-04-23T03:20:00.000Z', parts },
  })
  return { run, dataset, folder }
}

async function makeDataset(store: FileStore, data: MadeData): Promise<Dataset> {
  const column = (values: string[]) => vectorFromArray(values, new Utf8())
  const users = await writeArrowFile(
    store,
    'users.arrow',
    new Table({ user_id: column(data.users.map((user) => user.id)) }),
  )
  const items = await writeArrowFile(
    store,
    'items.arrow',
    new Table({
      item_id: column(data.items.map((item) => item.id)),
      title: column(data.items.map((item) => item.title ?? '')),
      category: column(data.items.map((item) => item.category ?? '')),
    }),
  )
  const rows = data.users.flatMap((user, index) => user.history.map((row) => ({ user: index, ...row })))
  const hasTimes = rows.some((row) => row.time !== undefined)
  const partRows = data.partRows ?? Math.max(1, rows.length)
  const parts = []
  for (let start = 0; start < rows.length; start += partRows) {
    const some = rows.slice(start, start + partRows)
    const table = new Table({
      user: vectorFromArray(Uint32Array.from(some, (row) => row.user)),
      item: vectorFromArray(Uint32Array.from(some, (row) => row.item)),
      ...(hasTimes
        ? {
            time: vectorFromArray(
              some.map((row) => row.time ?? 0),
              new TimestampMillisecond(),
            ),
          }
        : {}),
    })
    const file = await writeArrowFile(store, `interactions/part-${parts.length}.arrow`, table)
    parts.push({ ...file, sequence: parts.length, source: 0 })
  }
  const counts = { users: data.users.length, items: data.items.length, interactions: rows.length }
  return new Dataset(store, {
    format: 'nightjar-dataset',
    schemaVersion: 1,
    digest: datasetDigest(counts, parts),
    createdAt: '2026-04-22T00:00:00.000Z',
    updatedAt: '2026-04-22T00:00:00.000Z',
    counts,
    columns: hasTimes ? ['user', 'item', 'time'] : ['user', 'item'],
    users,
    items,
    parts,
    sources: [],
    options: { minRating: null, minCount: null },
  })
}

/** Users `user-0`, ... and items `item-0`, ..., with lists and histories that differ. */
export function madeData(versionId: string, userCount: number, itemCount: number, k: number): MadeData {
  return {
    versionId,
    k,
    users: Array.from({ length: userCount }, (_, u) => ({
      id: `user-${u}`,
      history: Array.from({ length: 1 + (u % 7) }, (_, i) => ({ item: (u * 5 + i) % itemCount })),
      list: Array.from({ length: Math.min(k, itemCount) }, (_, i) => (u * 3 + i) % itemCount),
    })),
    items: Array.from({ length: itemCount }, (_, i) => ({ id: `item-${i}`, title: `Title ${i}` })),
  }
}

/** A clock that a test sets. */
export function madeClock(at = '2026-04-23T04:00:00.000Z'): Clock & { at: string } {
  const clock = { at, now: () => new Date(clock.at), elapsedMs: () => 0 }
  return clock
}

/**
 * The run with a fold-in component of one hidden unit, as `trainFoldIn` writes it: every history likes the first items
 * best.
 */
export async function withFoldIn(run: Run, weight: number): Promise<Run> {
  const { items } = run.extent
  const path = 'model/fold-in.safetensors'
  const written = await writeSafetensors(
    run.store,
    path,
    [
      { name: 'encoder', shape: [items, 1], data: new Float32Array(items).fill(weight) },
      { name: 'hiddenBias', shape: [1], data: new Float32Array(1) },
      {
        name: 'decoder',
        shape: [items, 1],
        data: Float32Array.from({ length: items }, (_, item) => weight / (1 + item)),
      },
      { name: 'outputBias', shape: [items], data: new Float32Array(items) },
    ],
    {},
  )
  const foldIn = {
    config: { hidden: 1 },
    epochs: 1,
    validation: null,
    elapsedMs: 1,
    weights: { path, rows: items, ...written },
  }
  return new Run(run.store, { ...run.manifest, foldIn })
}
