import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { NightjarError } from '../../job/errors.ts'
import { silentProgress } from '../../job/progress.ts'
import { type PublishOptions, publishRun } from '../../job/publish/publish-run.ts'
import { rollback } from '../../job/publish/versions.ts'
import { decodeItemBucket, findItems, openItemBucket } from '../../shared/item-bucket.ts'
import {
  bucketOf,
  currentKey,
  itemBucketKey,
  metaKey,
  popularKey,
  userBucketKey,
  versionKeys,
} from '../../shared/kv-keys.ts'
import { decodeUserBucket, findUser, openUserBucket } from '../../shared/user-bucket.ts'
import type { CurrentPointer, PopularItem, VersionMeta } from '../../shared/version-meta.ts'
import { type MadeData, madeClock, madeData, makeRun, scoreOf } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const first = '20260421T031500Z-aaaaaa'
const second = '20260422T031500Z-bbbbbb'
const third = '20260423T031500Z-cccccc'

const madeRuns = new Map<MadeData, Awaited<ReturnType<typeof makeRun>>>()
afterEach(async () => {
  for (const { folder } of madeRuns.values()) await rm(folder, { recursive: true })
  madeRuns.clear()
})

/** The run of some data; of the same data the same run. */
async function made(data: MadeData) {
  const found = madeRuns.get(data) ?? (await makeRun(data))
  madeRuns.set(data, found)
  return found
}

async function publish(target: MemoryKv, data: MadeData, options: Partial<PublishOptions> = {}) {
  const { run, dataset } = await made(data)
  return publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress, ...options })
}

/** What is in a store, short enough to compare and to print. */
function contents(values: Map<string, Uint8Array>): Record<string, string> {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  return Object.fromEntries(Array.from(values, ([key, value]) => [key, sha256(value)]))
}

/** Every user's row as a worker finds it. */
function expectAllFound(target: MemoryKv, data: MadeData): void {
  const meta = target.json<VersionMeta>(metaKey(data.versionId)) as VersionMeta
  data.users.forEach((user, index) => {
    const key = userBucketKey(data.versionId, bucketOf(user.id, meta.userBucketCount))
    const row = findUser(openUserBucket(target.values.get(key) as Uint8Array), user.id)
    expect(row?.itemIds).toEqual(user.list.map((item) => data.items[item]?.id))
    expect(row?.scores).toEqual(user.list.map((_, rank) => scoreOf(index, rank)))
  })
}

describe('what is published', () => {
  test('every user is in the bucket of their id, whatever the parts and the passes', async () => {
    const data = { ...madeData(first, 1000, 40, 5), partUsers: 300 }
    const onePass = new MemoryKv()
    const result = await publish(onePass, data)
    expect(result).toMatchObject({
      versionId: first,
      served: true,
      previous: null,
      alreadyPublished: false,
      userBucketCount: 16,
      itemBucketCount: 1,
      keys: 19,
      deleted: [],
    })
    expectAllFound(onePass, data)
    const manyPasses = new MemoryKv()
    await publish(manyPasses, data, { passBytes: 100_000 })
    expect(contents(manyPasses.values)).toEqual(contents(onePass.values))
  })

  test('any user id of well-formed Unicode is found, and item ids and titles are unharmed', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => !value.startsWith('\ufeff'))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(text, { minLength: 1, maxLength: 20 }),
        fc.uniqueArray(text, { minLength: 3, maxLength: 3 }),
        async (userIds, itemIds) => {
          const data: MadeData = {
            versionId: first,
            k: 2,
            users: userIds.map((id) => ({ id, history: [{ item: 2 }], list: [1, 0] })),
            items: itemIds.map((id) => ({ id, title: `«${id}»` })),
          }
          const target = new MemoryKv()
          await publish(target, data)
          expectAllFound(target, data)
          const items = target.values.get(itemBucketKey(first, 0)) as Uint8Array
          expect(findItems(openItemBucket(items), itemIds).map((row) => row.title)).toEqual(
            itemIds.map((id) => `«${id}»`),
          )
        },
      ),
      { numRuns: 8 },
    )
  })

  test('items carry title, category and in how many users’ history they are', async () => {
    const target = new MemoryKv()
    await publish(target, {
      versionId: first,
      k: 1,
      users: [
        // A repeated row counts once: it is one user.
        { id: 'ann', history: [{ item: 0 }, { item: 1 }, { item: 0 }], list: [2] },
        { id: 'bob', history: [{ item: 0 }], list: [1] },
      ],
      items: [{ id: 'x', title: 'X', category: 'letters' }, { id: 'y' }, { id: 'z' }],
    })
    expect(decodeItemBucket(target.values.get(itemBucketKey(first, 0)) as Uint8Array)).toEqual([
      // One of two users of x, and y's only one: (1/2)^.7 1^.3, and 1/4 for a single user.
      {
        itemId: 'x',
        title: 'X',
        category: 'letters',
        count: 2,
        similar: ['y'],
        similarScores: [Math.fround(0.5 ** 0.7 / 4)],
      },
      {
        itemId: 'y',
        title: '',
        category: '',
        count: 1,
        similar: ['x'],
        similarScores: [Math.fround(0.5 ** 0.3 / 4)],
      },
      { itemId: 'z', title: '', category: '', count: 0, similar: [], similarScores: [] },
    ])
  })

  test('the popular list has the 200 items of most users, ties to the lower index', async () => {
    const target = new MemoryKv()
    const data = madeData(first, 3, 300, 2)
    data.users[0]!.history = [{ item: 250 }, { item: 7 }]
    data.users[1]!.history = [{ item: 250 }, { item: 3 }]
    data.users[2]!.history = []
    await publish(target, data)
    const popular = target.json<PopularItem[]>(popularKey(first)) as PopularItem[]
    expect(popular).toHaveLength(200)
    expect(popular.slice(0, 5).map(({ itemId, count }) => [itemId, count])).toEqual([
      ['item-250', 2],
      ['item-3', 1],
      ['item-7', 1],
      ['item-0', 0],
      ['item-1', 0],
    ])
  })

  test('the description tells what a reader needs', async () => {
    const target = new MemoryKv()
    await publish(target, madeData(first, 300, 40, 5))
    expect(target.json(metaKey(first))).toEqual({
      versionId: first,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      model: 'jca',
      dataCutoff: '2026-04-22T00:00:00.000Z',
      trainedAt: '2026-04-23T03:15:00.000Z',
      users: 300,
      items: 40,
      k: 5,
      userBucketCount: 4,
      itemBucketCount: 1,
      metrics: { ndcg10: 0.25 },
      historyMax: 50,
    })
  })

  test('buckets are halved as long as a value is larger than ten million bytes', async () => {
    const data = madeData(first, 40, 30, 30)
    // 40 users with 30 ids of 20 kB are 24 MB.
    data.items = data.items.map((item) => ({ id: item.id.padEnd(20_000, '.') }))
    const target = new MemoryKv()
    const { userBucketCount } = await publish(target, data)
    expect(userBucketCount).toBeGreaterThanOrEqual(4)
    expect(Math.max(...Array.from(target.values.values(), (value) => value.byteLength))).toBeLessThan(
      10_000_000,
    )
    expectAllFound(target, data)
  })
})

describe('the pointer', () => {
  test('is put last, and no key of the version is read before all are put', async () => {
    const target = new MemoryKv()
    const order: string[] = []
    target.onPut = (key) => {
      order.push(key)
      if (key !== currentKey) expect(target.reads.filter((read) => read !== currentKey)).toEqual([])
    }
    await publish(target, madeData(first, 300, 40, 5))
    expect(order.at(-1)).toBe(currentKey)
    expect(order.at(-2)).toBe(metaKey(first))
    expect(target.json(currentKey)).toEqual({
      current: first,
      previous: null,
      pinned: null,
      retained: [first],
      runs: { [first]: expect.stringMatching(/run$/) },
      publishedAt: '2026-04-23T04:00:00.000Z',
    })
  })

  test('a value that reads back otherwise than it was put is never served', async () => {
    const target = new MemoryKv()
    target.onPut = (key) => {
      if (key === userBucketKey(first, 1)) target.values.set(key, Uint8Array.of(1))
    }
    await expect(publish(target, madeData(first, 300, 40, 5))).rejects.toMatchObject({
      code: 'KV_NOT_WRITTEN',
    })
    expect(target.values.size).toBe(0)
  })

  test('superseded versions are deleted beyond keep, never the current, previous or pinned one', async () => {
    const target = new MemoryKv()
    const versions = Array.from({ length: 5 }, (_, i) => `2026042${i}T031500Z-aaaaaa`)
    for (const [i, versionId] of versions.entries()) {
      const { deleted } = await publish(target, madeData(versionId, 20, 10, 3), { keep: 3 })
      expect(deleted).toEqual(i < 3 ? [] : [versions[i - 3]])
    }
    expect(target.json<CurrentPointer>(currentKey)?.retained).toEqual([versions[4], versions[3], versions[2]])
    expect(Object.keys(target.json<CurrentPointer>(currentKey)?.runs ?? {})).toEqual(versions.slice(2))
    expect(target.keysOf(versions[1] ?? '')).toEqual([])
    // The pinned one grows old, and stays.
    await rollback(target, madeClock(), { to: versions[2] as string })
    for (const versionId of [first, second, third]) {
      const result = await publish(target, madeData(`${versionId.slice(0, 15)}Z-dddddd`, 20, 10, 3), {
        keep: 1,
      })
      expect(result).toMatchObject({ served: false, pinned: versions[2] })
    }
    const { retained, current, previous } = target.json<CurrentPointer>(currentKey) as CurrentPointer
    expect([current, previous]).toEqual([versions[2], versions[4]])
    expect(retained).toEqual([`${third.slice(0, 15)}Z-dddddd`, versions[4], versions[2]])
    for (const versionId of retained) {
      const meta = target.json<VersionMeta>(metaKey(versionId)) as VersionMeta
      expect(target.keysOf(versionId).sort()).toEqual(versionKeys(meta).sort())
    }
    expect(target.values.size).toBe(1 + 3 * 4)
  })

  test('a failure to delete what is superseded is noted, and made good by the next publication', async () => {
    const target = new MemoryKv()
    const notes: string[] = []
    const progress = { ...silentProgress, note: (line: string) => notes.push(line) }
    await publish(target, madeData(first, 20, 10, 3), { keep: 1 })
    await publish(target, madeData(second, 20, 10, 3), { keep: 1 })
    target.failDeletes = true
    const data = madeData(third, 20, 10, 3)
    const result = await publish(target, data, { keep: 1, progress })
    expect(result).toMatchObject({ served: true, deleted: [] })
    expect(notes).toEqual([
      'superseded versions were not deleted (no deleting today); the next publication tries again',
    ])
    target.failDeletes = false
    await publish(target, data, { keep: 1 })
    expect(target.json<CurrentPointer>(currentKey)?.retained).toEqual([third, second])
    expect(target.keysOf(first)).toEqual([])
  })
})

describe('a version that is there already', () => {
  test('is written again with the same bytes, and the answer says so', async () => {
    const target = new MemoryKv()
    const data = madeData(first, 300, 40, 5)
    await publish(target, data)
    const before = new Map(target.values)
    target.values.delete(userBucketKey(first, 1))
    const clock = madeClock('2026-05-01T00:00:00.000Z')
    expect(await publish(target, data, { clock })).toMatchObject({ alreadyPublished: true, served: true })
    expect(contents(target.values)).toEqual(contents(before))
  })

  test('is refused with other lists', async () => {
    const target = new MemoryKv()
    await publish(target, madeData(first, 300, 40, 5))
    const before = new Map(target.values)
    const error = await publish(target, madeData(first, 300, 40, 6)).catch((caught) => caught)
    expect((error as NightjarError).format()).toMatch(
      /^\[VERSION_CHANGED\] 20260421T031500Z-aaaaaa is published already, with other lists \(k 5, .*\nCause: .*\nFix: export it as it was published \(nightjar export RUN --k 5\)/,
    )
    expect(contents(target.values)).toEqual(contents(before))
  })
})

describe('failures', () => {
  test('at any put: the old version stays whole and served, nothing of the new one is left, a retry succeeds', async () => {
    const old = madeData(first, 300, 40, 5)
    const next = await made(madeData(second, 300, 40, 5))
    const options = { clock: madeClock(), progress: silentProgress }
    const fresh = new MemoryKv()
    await publish(fresh, old)
    const before = new Map(fresh.values)
    const putsNeeded = fresh.puts
    for (let n = 0; n < putsNeeded; n++) {
      const target = new MemoryKv()
      for (const [key, value] of before) target.values.set(key, value)
      target.failAtPut = n
      await expect(publishRun(next.run, next.dataset, target, options)).rejects.toThrow('the network is gone')
      expect(contents(target.values)).toEqual(contents(before))
      expect(await publishRun(next.run, next.dataset, target, options)).toMatchObject({
        served: true,
        previous: first,
      })
      expectAllFound(target, madeData(second, 300, 40, 5))
      expectAllFound(target, old)
    }
  })

  test('a pointer that arrives although its put failed is not pulled from under the worker', async () => {
    const target = new MemoryKv()
    const data = madeData(first, 300, 40, 5)
    target.failAtPut = 7
    target.failedPutArrives = true
    await expect(publish(target, data)).rejects.toThrow('the network is gone')
    expect(target.json<CurrentPointer>(currentKey)?.current).toBe(first)
    expectAllFound(target, data)
  })

  test('what cannot be cleaned up is noted, and the first error is the one that is thrown', async () => {
    const target = new MemoryKv()
    const notes: string[] = []
    target.failAtPut = 2
    target.failDeletes = true
    const progress = { ...silentProgress, note: (line: string) => notes.push(line) }
    await expect(publish(target, madeData(first, 300, 40, 5), { progress })).rejects.toThrow(
      'the network is gone',
    )
    expect(notes).toEqual([
      `could not delete what was put of ${first}; publishing the run again overwrites it`,
    ])
  })

  test('without histories nobody has one, and the description says so', async () => {
    const target = new MemoryKv()
    const data = madeData(first, 300, 40, 5)
    await publish(target, data, { withHistories: false })
    const meta = target.json<VersionMeta>(metaKey(first))
    expect(meta?.historyMax).toBe(0)
    const rows = Array.from({ length: meta?.userBucketCount ?? 0 }, (_, bucket) =>
      decodeUserBucket(target.values.get(userBucketKey(first, bucket)) as Uint8Array),
    ).flat()
    expect(rows).toHaveLength(300)
    expect(rows.every(({ history, itemIds }) => history.length === 0 && itemIds.length === 5)).toBe(true)
  })

  test.each([
    [true, 'publish it again without --no-history, or train a new run'],
    [false, 'publish it again with --no-history, or train a new run'],
  ])('a version that is there with histories: %s, is not changed', async (withHistories, fix) => {
    const target = new MemoryKv()
    const data = madeData(first, 30, 40, 5)
    await publish(target, data, { withHistories })
    const before = contents(target.values)
    const again = publish(target, data, { withHistories: !withHistories })
    await expect(again).rejects.toMatchObject({ code: 'VERSION_CHANGED', fix })
    expect(contents(target.values)).toEqual(before)
    await expect(publish(target, data, { withHistories })).resolves.toMatchObject({ alreadyPublished: true })
  })

  test('Ctrl-C in the middle leaves nothing of the new version', async () => {
    const target = new MemoryKv()
    await publish(target, madeData(first, 300, 40, 5))
    const before = new Map(target.values)
    const abort = new AbortController()
    target.onPut = () => abort.abort()
    const next = publish(target, madeData(second, 300, 40, 5), { signal: abort.signal })
    await expect(next).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 6 })
    expect(contents(target.values)).toEqual(contents(before))
  })

  test('a run that was not exported tells how to export it', async () => {
    const { run, dataset } = await made(madeData(first, 5, 5, 2))
    run.manifest.scores = null
    const target = new MemoryKv()
    const next = publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress })
    await expect(next).rejects.toMatchObject({
      code: 'NO_SCORES',
      fix: `nightjar export ${run.store.uri} --k 100`,
    })
    expect(target.puts).toBe(0)
  })

  test.each([
    [
      'a part is missing a byte',
      'ARROW_TRUNCATED',
      async (path: string) => writeFile(path, (await readFile(path)).subarray(1)),
    ],
    [
      'a byte is another one',
      'ARROW_DIGEST',
      async (path: string) => {
        const bytes = await readFile(path)
        bytes[bytes.length >> 1]! ^= 1
        await writeFile(path, bytes)
      },
    ],
    ['a part is gone', 'ARROW_MISSING', (path: string) => rm(path)],
  ])('where %s, nothing is published: %s', async (_, code, damage) => {
    const { run, dataset, folder } = await made({ ...madeData(first, 30, 10, 3), partUsers: 10 })
    const scores = join(folder, 'run', 'scores')
    await damage(join(scores, (await readdir(scores)).sort().at(-1) ?? ''))
    const target = new MemoryKv()
    const next = publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress })
    await expect(next).rejects.toMatchObject({ code })
    expect(target.values.size).toBe(0)
  })

  test('score files of another dataset are refused', async () => {
    const { run } = await made(madeData(first, 30, 10, 3))
    const options = { clock: madeClock(), progress: silentProgress }
    const otherUsers = madeData(first, 30, 10, 3)
    otherUsers.users[7]!.id = 'somebody else'
    const otherItems = madeData(first, 30, 10, 3)
    otherItems.items[7]!.id = 'something else'
    for (const [data, code] of [
      [otherUsers, 'SCORES_USER'],
      [otherItems, 'SCORES_ITEM'],
    ] as const) {
      const { dataset } = await made(data)
      await expect(publishRun(run, dataset, new MemoryKv(), options)).rejects.toMatchObject({ code })
    }
    run.manifest.scores!.parts[0]!.firstUser = 1
    const { dataset } = await made(otherUsers)
    await expect(publishRun(run, dataset, new MemoryKv(), options)).rejects.toMatchObject({
      code: 'SCORES_INCOMPLETE',
    })
  })
})

test('decodeUserBucket shows the history, newest first', async () => {
  const target = new MemoryKv()
  const data = madeData(first, 1, 5, 2)
  data.users[0]!.history = [{ item: 3 }, { item: 1 }, { item: 4 }, { item: 3 }]
  await publish(target, data)
  const [row] = decodeUserBucket(target.values.get(userBucketKey(first, 0)) as Uint8Array)
  expect(row?.history).toEqual(['item-3', 'item-4', 'item-1'])
})
