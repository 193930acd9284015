import { tableFromIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { compactDataset } from '../../job/data/compact-dataset.ts'
import { rowOf } from '../../job/data/csr-matrix.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { forgetUsers } from '../../job/data/forget-users.ts'
import { openRun } from '../../job/data/run.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { exportRun } from '../../job/export/export-run.ts'
import { silentProgress } from '../../job/progress.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { openStore } from '../../job/store/open-store.ts'
import { trainFoldIn } from '../../job/train/fold-in.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { decodeUserBucket } from '../../shared/user-bucket.ts'
import type { VersionMeta } from '../../shared/version-meta.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { MemoryKv } from '../publish/memory-kv.ts'
import { tempFolder } from '../temp-folder.ts'

const clock = new ManualClock('2026-04-23T03:15:00Z')
const quiet = { clock, progress: silentProgress }

const exported = (place: string) =>
  openRun(openStore(place)).then(async (run) => {
    const report = await exportRun({
      run,
      engine: wasmEngine,
      k: 5,
      includeSeen: false,
      partUsers: 3,
      ...quiet,
    })
    return { report, run: await openRun(run.store) }
  })

/** A shop of 12 users whose run is trained and exported, and two of whom are forgotten since. */
async function shop() {
  const [data, place] = [await tempFolder(), await tempFolder()]
  const { dataset } = await makeShopDataset(openStore(data), 12)
  const store = openStore(place)
  const options = { ...defaultOptions, hidden: 4, epochs: 2, evalEvery: 1 }
  await trainRun({ dataset, store, options, engine: wasmEngine, resume: false, overwrite: false, ...quiet })
  const { run: old } = await exported(place)
  const ids = await dataset.userIds()
  await forgetUsers(dataset, [ids[0]!, ids[4]!, ids[6]!, ids[7]!, ids[8]!], false)
  return { data, place, ids, old, left: ids.filter((_, n) => ![0, 4, 6, 7, 8].includes(n)) }
}

async function publishedUsers(run: Awaited<ReturnType<typeof openRun>>) {
  const target = new MemoryKv()
  await publishRun(run, await run.openDataset(), target, quiet)
  const rows = target
    .keysOf(run.manifest.versionId)
    .filter((key) => key.includes('/b/'))
    .flatMap((key) => decodeUserBucket(target.values.get(key) as Uint8Array))
  const meta = target.json<VersionMeta>(`v/${run.manifest.versionId}/meta`)
  expect(meta?.users).toBe(rows.length)
  return rows.sort((a, b) => (a.userId < b.userId ? -1 : 1))
}

test('who is forgotten has no row in the score files; parts keep their places, and a part may be empty', async () => {
  const { place, left, ids } = await shop()
  const { report, run } = await exported(place)
  expect(report.users).toBe(7)
  expect(report.parts.map(({ firstUser, lastUser, rows }) => [firstUser, lastUser, rows])).toEqual([
    [0, 2, 2],
    [3, 5, 2],
    [6, 8, 0],
    [9, 11, 3],
  ])
  const names: string[] = []
  for (const part of report.parts) {
    const table = tableFromIPC(await run.store.read(part.path))
    expect(table.schema.names).toEqual(['user_id', 'item_ids', 'scores'])
    for (const row of table.toArray()) names.push(row.user_id)
  }
  expect(names).toEqual(left)
  expect(ids).toHaveLength(12)
})

test('old score files and new ones publish the same users, before and after compacting', async () => {
  const { data, place, left, old } = await shop()
  const fromOld = await publishedUsers(old)
  expect(fromOld.map(({ userId }) => userId)).toEqual([...left].sort())
  const { run } = await exported(place)
  const fromNew = await publishedUsers(run)
  expect(fromNew.map(({ userId, history }) => [userId, history])).toEqual(
    fromOld.map(({ userId, history }) => [userId, history]),
  )
  await compactDataset(await openDataset(openStore(data)), quiet)
  expect(await publishedUsers(run)).toEqual(fromNew)
  const dataset = await run.openDataset()
  for (const user of [0, 4, 6, 7, 8]) expect([...rowOf(await run.known(dataset), user)]).toEqual([])
})

test('a fold-in component that is trained later is the one of a dataset without them', async () => {
  const { place } = await shop()
  const run = await openRun(openStore(place))
  const dataset = await run.openDataset()
  const heldOut = await run.holdout(dataset)
  expect(rowOf(await run.holdout(), 4)).not.toHaveLength(0)
  expect(rowOf(heldOut, 4)).toHaveLength(0)
  expect((await trainFoldIn(run, { dataset, ...quiet })).manifest.foldIn).toBeDefined()
})

test('a training that was broken off is not gone on with after somebody was forgotten', async () => {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()), 12)
  const store = openStore(await tempFolder())
  const options = { ...defaultOptions, hidden: 4, epochs: 4, evalEvery: 1, checkpointEvery: 1 }
  const abort = new AbortController()
  const progress = { ...silentProgress, update: (done: number) => done >= 2 && abort.abort() }
  const input = { dataset, store, options, engine: wasmEngine, overwrite: false, clock }
  await expect(trainRun({ ...input, resume: false, progress, signal: abort.signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  await forgetUsers(dataset, [(await dataset.userIds())[3]!], false)
  const again = { ...input, dataset: await openDataset(dataset.store), progress: silentProgress }
  await expect(trainRun({ ...again, resume: true })).rejects.toMatchObject({ code: 'CHECKPOINT_OTHER' })
  const run = await trainRun({ ...again, resume: false, overwrite: true })
  expect([...rowOf(await run.holdout(), 3)]).toEqual([])
  expect([...rowOf(await run.ratings(again.dataset), 3)]).toEqual([])
})
