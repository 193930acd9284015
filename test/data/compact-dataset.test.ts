import { describe, expect, test } from 'vitest'
import { compactDataset } from '../../job/data/compact-dataset.ts'
import { type Dataset, openDataset } from '../../job/data/dataset.ts'
import { forgetUsers } from '../../job/data/forget-users.ts'
import { importDataset } from '../../job/data/import/import-dataset.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { type Progress, silentProgress } from '../../job/progress.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { openStore } from '../../job/store/open-store.ts'
import type { Store } from '../../job/store/store.ts'
import { FailingStore } from '../failing-store.ts'
import { ManualClock } from '../manual-clock.ts'
import { filesIn, ImportBench, readRows } from './import/import-bench.ts'

const bench = new ImportBench()
const days = [
  'user,item,rating,time\nann,i1,1,1\nbob,i1,2,2\ncy,i2,3,4\n',
  'user,item,rating,time\nbob,i2,1,5\nbob,i3,1,6\n',
  'user,item,rating,time\nann,i3,4,7\ndee,i1,5,8\n',
]

/** Three parts: some rows of bob's, none but bob's, and none of bob's. */
async function imported(): Promise<string> {
  const out = bench.fresh()
  for (const day of days) await bench.import(bench.write('day.csv', day), { out, append: true, ifNew: true })
  return out
}

const forget = async (out: string, ...ids: string[]) =>
  forgetUsers(await openDataset(openStore(out)), ids, false)
const compact = (dataset: Dataset) =>
  compactDataset(dataset, { clock: new ManualClock('2026-05-01T00:00:00Z'), progress: silentProgress })
const bytesIn = async (out: string) => {
  const store = openStore(out)
  const texts = await Promise.all(
    filesIn(out).map(async (path) => Buffer.from(await store.read(path)).toString('latin1')),
  )
  return texts.join('\n')
}

describe('compacting', () => {
  test('takes rows, id and tombstone away; parts, sequences and everybody else stay as they were', async () => {
    const out = await imported()
    await forget(out, 'bob')
    const before = await openDataset(openStore(out))
    const [rows, ratings] = [await readRows(before), await readRatings(before)]
    expect(await bytesIn(out)).toContain('bob')
    const report = await compact(before)
    expect(report).toMatchObject({ users: 1, rows: 3, parts: 2 })
    const dataset = await openDataset(openStore(out))
    expect(dataset.forgotten).toHaveLength(0)
    expect(await dataset.userIds()).toEqual(['ann', '', 'cy', 'dee'])
    expect(await dataset.storedUserIds()).toEqual(['ann', '', 'cy', 'dee'])
    expect(await readRows(dataset)).toEqual(rows)
    expect(await readRatings(dataset)).toEqual(ratings)
    expect(dataset.manifest.parts.map(({ sequence, rows }) => [sequence, rows])).toEqual([
      [0, 2],
      [1, 0],
      [2, 2],
    ])
    expect(dataset.manifest.counts).toEqual({ users: 4, items: 3, interactions: 4 })
    expect(dataset.manifest.parts[2]).toEqual(before.manifest.parts[2])
    expect(await bytesIn(out)).not.toContain('bob')
    expect(filesIn(out)).toEqual(
      [
        'manifest.json',
        dataset.manifest.users.path,
        dataset.manifest.items.path,
        ...dataset.manifest.parts.map(({ path }) => path),
      ].sort(),
    )
    expect(await compact(dataset)).toMatchObject({ users: 0, rows: 0, parts: 0, deleted: [] })
    expect((await openDataset(openStore(out))).manifest).toEqual(dataset.manifest)
  })

  test('the digest changes, and those that the dataset had at every extent and generation still count', async () => {
    const out = await imported()
    const extents = [1, 2, 3].map((parts) => ({
      users: parts === 3 ? 4 : 3,
      items: parts === 1 ? 2 : 3,
      parts,
    }))
    const first = await openDataset(openStore(out))
    await forget(out, 'bob')
    await compact(await openDataset(openStore(out)))
    const second = await openDataset(openStore(out))
    await bench.import(bench.write('day.csv', 'user,item,rating,time\neve,i1,1,9\nann,i2,1,9\n'), {
      out,
      append: true,
    })
    const grown = await openDataset(openStore(out))
    await forget(out, 'ann')
    await compact(await openDataset(openStore(out)))
    const third = await openDataset(openStore(out))
    const digests = [first, second, third].map((dataset) =>
      extents.map((extent) => dataset.digestAt(extent) as string),
    )
    expect(new Set(digests.flat()).size).toBe(9)
    for (const told of digests) {
      told.forEach((digest, n) => {
        expect(third.wasEver(extents[n]!, digest), `extent ${n}`).toBe(true)
      })
    }
    expect(third.wasEver(grown.extent, grown.manifest.digest)).toBe(true)
    expect(third.wasEver(extents[0]!, digests[0]![1]!)).toBe(false)
    expect(first.wasEver(extents[2]!, digests[2]![2]!)).toBe(false)
    expect(first.wasEver({ ...extents[2]!, parts: 4 }, digests[0]![2]!)).toBe(false)
  })

  test('who comes back after it is a new user', async () => {
    const out = await imported()
    await forget(out, 'bob')
    await compact(await openDataset(openStore(out)))
    const { dataset, report } = await bench.import(
      bench.write('day.csv', 'user,item,rating,time\nbob,i1,1,10\nann,i1,1,11\n'),
      { out, append: true },
    )
    expect(report).toMatchObject({ newUsers: 1, users: 5 })
    expect(await dataset.userIds()).toEqual(['ann', '', 'cy', 'dee', 'bob'])
    expect((await readRows(dataset)).slice(-2)).toEqual([
      ['bob', 'i1', 1, 10_000],
      ['ann', 'i1', 1, 11_000],
    ])
  })

  test('of everybody leaves a dataset of no rows that still opens', async () => {
    const out = await imported()
    await forget(out, 'ann', 'bob', 'cy', 'dee')
    await compact(await openDataset(openStore(out)))
    const dataset = await openDataset(openStore(out))
    expect(await readRows(dataset)).toEqual([])
    expect((await readRatings(dataset)).columns).toHaveLength(0)
    expect(await dataset.userIds()).toEqual(['', '', '', ''])
  })

  test('an import that finished meanwhile is not undone', async () => {
    const out = await imported()
    await forget(out, 'bob')
    const opened = await openDataset(openStore(out))
    await bench.import(bench.write('day.csv', 'user,item,rating,time\neve,i1,1,9\n'), { out, append: true })
    const rows = await readRows(await openDataset(openStore(out)))
    const files = filesIn(out)
    await expect(compact(opened)).rejects.toMatchObject({ code: 'DATASET_CHANGED' })
    expect(await readRows(await openDataset(openStore(out)))).toEqual(rows)
    expect(filesIn(out)).toEqual(files)
  })

  test('tombstones that came meanwhile stay', async () => {
    const out = await imported()
    await forget(out, 'bob')
    const opened = await openDataset(openStore(out))
    await forget(out, 'cy')
    await compact(opened)
    const dataset = await openDataset(openStore(out))
    expect([...dataset.forgotten]).toEqual([2])
    expect(await dataset.userIds()).toEqual(['ann', '', '', 'dee'])
    expect(await dataset.storedUserIds()).toEqual(['ann', '', 'cy', 'dee'])
  })
})

/** A store that does its first writes and deletions and then nothing any more, as where the process was killed. */
class KilledStore extends FileStore {
  readonly #most: number
  #acts = 0

  constructor(uri: string, most: number) {
    super(uri)
    this.#most = most
  }

  #act(): void {
    if (this.#acts++ >= this.#most) throw new Error('killed')
  }

  override async put(...args: Parameters<Store['put']>) {
    this.#act()
    return super.put(...args)
  }
  override async delete(key: string) {
    this.#act()
    return super.delete(key)
  }
}

test('an import into a dataset that was compacted meanwhile is refused, and leaves it whole', async () => {
  const out = await imported()
  await forget(out, 'bob')
  let files: string[] = []
  const progress = {
    ...silentProgress,
    // When the import has read what is there, and before it writes.
    start(label: string) {
      if (label === 'write') paused = compactNow()
    },
  }
  let paused: Promise<void> | undefined
  const compactNow = async () => {
    await compact(await openDataset(openStore(out)))
    files = filesIn(out)
  }
  const store = openStore(out)
  const slow: Store = {
    uri: store.uri,
    size: (key) => store.size(key),
    read: (key, range) => store.read(key, range),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    putIfAbsent: (key, body) => store.putIfAbsent(key, body),
    put: async (key, body) => {
      await paused
      return store.put(key, body)
    },
  }
  const source = bench.write('day.csv', 'user,item,rating,time\neve,i1,1,9\n')
  await expect(importInto(slow, source, progress)).rejects.toMatchObject({ code: 'DATASET_CHANGED' })
  expect(filesIn(out)).toEqual(files)
  expect(await readRows(await openDataset(store))).toHaveLength(4)
})

const importInto = (out: Store, source: string, progress: Progress) =>
  importDataset({
    columns: {},
    hasHeader: true,
    append: true,
    ifNew: false,
    maxRejects: { share: 0.01 },
    clock: new ManualClock('2026-05-01T00:00:00Z'),
    progress,
    sources: [source],
    out,
  })

describe('compacting that breaks off', () => {
  test('killed after any write or deletion, leaves the dataset whole, and the next one ends it', async () => {
    const done = await imported()
    await forget(done, 'bob')
    const rows = await readRows(await openDataset(openStore(done)))
    await compact(await openDataset(openStore(done)))
    const files = filesIn(done)
    const seen = new Set<string>()
    for (let most = 0; ; most++) {
      const out = await imported()
      await forget(out, 'bob')
      const store = new KilledStore(out, most)
      const error = await compact(await openDataset(store)).then(
        () => undefined,
        (failed: Error) => failed,
      )
      const dataset = await openDataset(openStore(out))
      expect(await readRows(dataset), `after ${most}`).toEqual(rows)
      expect(await dataset.userIds()).toEqual(['ann', '', 'cy', 'dee'])
      seen.add(`${dataset.manifest.generation ?? 0}, ${dataset.forgotten.length} tombstones`)
      if (error === undefined) break
      expect(error.message).toBe('killed')
      await compact(dataset)
      expect(filesIn(out)).toEqual(files)
      expect(await bytesIn(out)).not.toContain('bob')
    }
    expect([...seen]).toEqual(['0, 1 tombstones', '1, 1 tombstones', '1, 0 tombstones'])
  })

  test('a disk that is full at write n, for every n, leaves the files that were there and no others', async () => {
    for (let failAt = 0; ; failAt++) {
      const out = await imported()
      await forget(out, 'bob')
      const before = filesIn(out)
      const store = new FailingStore(openStore(out), failAt)
      const error = await compact(await openDataset(store)).then(
        () => undefined,
        (failed: Error) => failed,
      )
      if (error === undefined) {
        expect(failAt).toBe(4)
        break
      }
      expect(error.message).toMatch('no space left')
      expect(filesIn(out)).toEqual(before)
      expect((await openDataset(openStore(out))).manifest.generation).toBeUndefined()
    }
  })
})
