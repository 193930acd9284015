import * as flechette from '@uwdata/flechette'
import { type Table, tableFromIPC } from 'apache-arrow'
import * as parquet from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { rowOf } from '../../job/data/csr-matrix.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { openRun, type Run } from '../../job/data/run.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { type ExportOptions, exportRun } from '../../job/export/export-run.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'
import { selectTopK } from '../../shared/top-k.ts'
import { FailingStore } from '../failing-store.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const clock = new ManualClock('2026-04-23T03:15:00Z')

async function makeRun() {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()), 150)
  const run = await trainRun({
    dataset,
    store: openStore(await tempFolder()),
    options: { ...defaultOptions, hidden: 8, learningRate: 0.01, epochs: 3, evalEvery: 1 },
    engine: wasmEngine,
    resume: false,
    overwrite: false,
    clock,
    progress: silentProgress,
  })
  return { dataset, run }
}

const write = (run: Run, more: Partial<ExportOptions> = {}) =>
  exportRun({
    run,
    engine: wasmEngine,
    k: 20,
    includeSeen: false,
    partUsers: 64,
    clock,
    progress: silentProgress,
    ...more,
  })

interface List {
  userId: string
  items: string[]
  scores: number[]
}

function listsOf(table: Table): List[] {
  return table.toArray().map((row) => ({
    userId: row.user_id,
    items: [...row.item_ids],
    scores: [...row.scores],
  }))
}

async function readLists(run: Run): Promise<List[]> {
  const lists: List[] = []
  for (const part of (await openRun(run.store)).manifest.scores?.parts ?? []) {
    const table: Table = tableFromIPC(await run.store.read(part.path))
    expect(table.numRows).toBe(part.rows)
    lists.push(...listsOf(table))
  }
  return lists
}

describe('exported score files', () => {
  it('hold every user once, in the order of users.arrow, with the k best unseen items', async () => {
    const { dataset, run } = await makeRun()
    const report = await write(run)
    expect(report.parts.map((part) => [part.path, part.firstUser, part.lastUser, part.rows])).toEqual([
      ['scores/part-00000.arrow', 0, 63, 64],
      ['scores/part-00001.arrow', 64, 127, 64],
      ['scores/part-00002.arrow', 128, 149, 22],
    ])
    const lists = await readLists(run)
    const { ids } = await dataset.items()
    const ratings = await readRatings(dataset)
    const { model } = await openTrainedModel(run, dataset, wasmEngine)
    expect(lists.map((list) => list.userId)).toEqual(await dataset.userIds())
    for (const [user, list] of lists.entries()) {
      const scores = (await model.scores(Uint32Array.of(user))).slice()
      for (const item of rowOf(ratings, user)) scores[item] = Number.NEGATIVE_INFINITY
      const expected = selectTopK(scores, 20)
      expect(list.items).toEqual([...expected.items].map((item) => ids[item]))
      expect(list.scores).toEqual([...expected.scores])
      expect(list.items.some((id) => rowOf(ratings, user).includes(ids.indexOf(id)))).toBe(false)
      expect(
        list.scores.every((score, i) => Number.isFinite(score) && (i === 0 || score <= list.scores[i - 1])),
      ).toBe(true)
    }
  })

  it('recommend known items again with includeSeen', async () => {
    const { dataset, run } = await makeRun()
    await write(run, { includeSeen: true, k: 240 })
    const lists = await readLists(run)
    const ratings = await readRatings(dataset)
    const { ids } = await dataset.items()
    expect(rowOf(ratings, 0).length).toBeGreaterThan(0)
    for (const item of rowOf(ratings, 0)) expect(lists[0].items).toContain(ids[item])
    expect(lists[0].items).toHaveLength(240)
  })

  it('are shorter than k only where the catalogue is', async () => {
    const { dataset, run } = await makeRun()
    const report = await write(run, { k: 500 })
    const ratings = await readRatings(dataset)
    const lists = await readLists(run)
    for (const [user, list] of lists.entries()) {
      expect(list.items).toHaveLength(240 - rowOf(ratings, user).length)
    }
    expect(report.shortLists).toBe(150)
  })

  it('read the same by apache-arrow, flechette, and parquet-wasm on every value', async () => {
    const { run } = await makeRun()
    const report = await write(run, { partUsers: 100 })
    const expected = await readLists(run)
    const byFlechette: List[] = []
    const byParquet: List[] = []
    for (const part of report.parts) {
      const bytes = await run.store.read(part.path)
      const table = flechette.tableFromIPC(bytes)
      expect(table.schema.fields.map((field) => field.name)).toEqual(['user_id', 'item_ids', 'scores'])
      for (const row of table.toArray() as { user_id: string; item_ids: string[]; scores: number[] }[]) {
        byFlechette.push({ userId: row.user_id, items: [...row.item_ids], scores: [...row.scores] })
      }
      // arrow-rs reads the stream form; it writes Parquet, reads it again, and hands it back.
      const stream = flechette.tableToIPC(table, { format: 'stream' }) as Uint8Array
      const written = parquet.writeParquet(parquet.Table.fromIPCStream(stream))
      const back = tableFromIPC(parquet.readParquet(written).intoIPCStream())
      byParquet.push(...listsOf(back))
    }
    expect(byFlechette).toEqual(expected)
    expect(byParquet).toEqual(expected)
  })

  it('are named by the manifest or not there: a store that fails at write n, for every n', async () => {
    const { run } = await makeRun()
    await write(run)
    for (let failAt = 0; ; failAt++) {
      const before = await openRun(new FailingStore(run.store, failAt))
      const failed = await write(before, { k: 5 + failAt }).then(
        () => false,
        () => true,
      )
      const after = await openRun(run.store)
      const files = (await run.store.list('scores/')).map(({ key }) => key)
      expect(files).toEqual(after.manifest.scores?.parts.map((part) => part.path) ?? [])
      if (!failed) break
      expect(after.manifest.scores?.k).not.toBe(5 + failAt)
      await write(after)
    }
  })
})
