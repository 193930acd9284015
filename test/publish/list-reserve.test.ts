import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { kMaxOf } from '../../job/publish/list-reserve.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { bucketOf, metaKey, userBucketKey } from '../../shared/kv-keys.ts'
import { findUser } from '../../shared/user-bucket.ts'
import type { VersionMeta } from '../../shared/version-meta.ts'
import { madeClock, madeData, makeRun } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const first = '20260421T031500Z-aaaaaa'
const options = { clock: madeClock(), progress: silentProgress }

test.each([
  [1, 1],
  [20, 20],
  [21, 18],
  [50, 45],
  [100, 90],
  [112, 100],
  [1000, 900],
])('of a list of %i, %i items may be asked for', (k, kMax) => {
  expect(kMaxOf(k)).toBe(kMax)
})

test('the whole list is published, and its description says how much of it may be asked for', async () => {
  const target = new MemoryKv()
  const { run, dataset, folder } = await makeRun(madeData(first, 3, 60, 50))
  await publishRun(run, dataset, target, options)
  await rm(folder, { recursive: true })
  const meta = target.json<VersionMeta>(metaKey(first)) as VersionMeta
  expect([meta.k, meta.kMax]).toEqual([50, 45])
  const bucket = target.values.get(userBucketKey(first, bucketOf('user-1', meta.userBucketCount)))
  expect(findUser(bucket as Uint8Array, 'user-1')?.itemIds).toHaveLength(50)
})

test('a version that was published without a reserve keeps its description when it is published again', async () => {
  const target = new MemoryKv()
  const { run, dataset, folder } = await makeRun(madeData(first, 3, 60, 50))
  await publishRun(run, dataset, target, options)
  const { kMax: _, ...old } = target.json<VersionMeta>(metaKey(first)) as VersionMeta
  const written = new TextEncoder().encode(JSON.stringify(old))
  target.values.set(metaKey(first), written)
  expect(await publishRun(run, dataset, target, options)).toMatchObject({ alreadyPublished: true })
  await rm(folder, { recursive: true })
  expect(target.values.get(metaKey(first))).toEqual(written)
})
