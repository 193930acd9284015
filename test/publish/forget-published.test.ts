import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { forgetPublished } from '../../job/publish/forget-published.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { bucketOf, metaKey, userBucketKey } from '../../shared/kv-keys.ts'
import { decodeUserBucket, findUser, openUserBucket } from '../../shared/user-bucket.ts'
import type { VersionMeta } from '../../shared/version-meta.ts'
import { madeClock, madeData, makeRun } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const first = '20260421T031500Z-aaaaaa'
const second = '20260422T031500Z-bbbbbb'

/** Two versions of 300 users in four buckets each. */
async function published() {
  const target = new MemoryKv()
  for (const versionId of [first, second]) {
    const { run, dataset, folder } = await makeRun(madeData(versionId, 300, 20, 5))
    await publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress })
    await rm(folder, { recursive: true })
  }
  return target
}

function rowIn(target: MemoryKv, versionId: string, userId: string) {
  const { userBucketCount } = target.json<VersionMeta>(metaKey(versionId)) as VersionMeta
  const bytes = target.values.get(userBucketKey(versionId, bucketOf(userId, userBucketCount)))
  return findUser(openUserBucket(bytes as Uint8Array), userId)
}

test('takes list and history out of every version that is retained, and changes nobody else', async () => {
  const target = await published()
  const before = new Map(target.values)
  expect(rowIn(target, first, 'user-9')?.history.length).toBeGreaterThan(0)
  expect(await forgetPublished(target, ['user-9', 'user-10', 'nobody'])).toEqual(
    [second, first].map((versionId) => ({
      versionId,
      removed: expect.toSatisfy((ids: string[]) => [...ids].sort().join() === 'user-10,user-9'),
      isDamaged: false,
    })),
  )
  for (const versionId of [first, second]) {
    expect(rowIn(target, versionId, 'user-9')).toBeUndefined()
    expect(rowIn(target, versionId, 'user-10')).toBeUndefined()
  }
  const rowsOf = (values: Map<string, Uint8Array>) =>
    [...values]
      .filter(([key]) => key.includes('/b/'))
      .flatMap(([key, bytes]) =>
        decodeUserBucket(bytes).map(({ history, ...row }) => ({ key, ...row, history })),
      )
  expect(rowsOf(target.values)).toEqual(
    rowsOf(before).filter(({ userId }) => userId !== 'user-9' && userId !== 'user-10'),
  )
  expect([...target.values.keys()]).toEqual([...before.keys()])
})

test('once more puts nothing; where nothing is published there is nothing to do', async () => {
  const target = await published()
  await forgetPublished(target, ['user-9'])
  const { puts } = target
  expect(await forgetPublished(target, ['user-9'])).toMatchObject([{ removed: [] }, { removed: [] }])
  expect(target.puts).toBe(puts)
  expect(await forgetPublished(new MemoryKv(), ['user-9'])).toEqual([])
})

test('broken off at any put, it is ended by doing it again', async () => {
  for (const failAt of [0, 1]) {
    const target = await published()
    target.failAtPut = target.puts + failAt
    await expect(forgetPublished(target, ['user-9'])).rejects.toThrow('the network is gone')
    await forgetPublished(target, ['user-9'])
    for (const versionId of [first, second]) expect(rowIn(target, versionId, 'user-9')).toBeUndefined()
  }
})

test('a version that is not whole is told, and the others are looked into all the same', async () => {
  const target = await published()
  target.values.delete(metaKey(second))
  expect(await forgetPublished(target, ['user-9'])).toEqual([
    { versionId: second, removed: [], isDamaged: true },
    { versionId: first, removed: ['user-9'], isDamaged: false },
  ])
  for (const key of target.keysOf(first))
    if (key.includes('/b/')) target.values.set(key, Uint8Array.of(1, 2, 3))
  await expect(forgetPublished(target, ['user-9'])).rejects.toMatchObject({ code: 'KV_DAMAGED' })
})
