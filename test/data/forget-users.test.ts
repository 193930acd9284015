import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rowOf } from '../../job/data/csr-matrix.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { forgetUsers } from '../../job/data/forget-users.ts'
import { readKnownPairs } from '../../job/data/known-pairs.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { newestMoment } from '../../job/data/row-rules.ts'
import { splitDataset } from '../../job/data/split/split-dataset.ts'
import { openStore } from '../../job/store/open-store.ts'
import { tempFolder } from '../temp-folder.ts'
import { ImportBench, readRows } from './import/import-bench.ts'

const bench = new ImportBench()
const monday = 'user,item,time\nann,i1,1\nbob,i1,2\nbob,i2,9\ncy,i2,4\nann,i2,5\n'

async function imported() {
  const { out } = await bench.import(bench.write('mon.csv', monday))
  const store = openStore(out)
  return { out, store, open: () => openDataset(store) }
}

describe('a forgotten user', () => {
  test('is gone from everything that reads the dataset, and nobody else moves', async () => {
    const { open } = await imported()
    const before = await readRatings(await open())
    expect(await forgetUsers(await open(), ['bob'], false)).toEqual({
      forgotten: ['bob'],
      alreadyForgotten: [],
      unknown: [],
      tombstones: 1,
    })
    const dataset = await open()
    expect(await dataset.userIds()).toEqual(['ann', '', 'cy'])
    expect(await readRows(dataset)).toEqual([
      ['ann', 'i1', undefined, 1000],
      ['cy', 'i2', undefined, 4000],
      ['ann', 'i2', undefined, 5000],
    ])
    const after = await readRatings(dataset)
    expect([after.rowCount, after.columnCount]).toEqual([3, 2])
    expect([0, 1, 2].map((user) => [...rowOf(after, user)])).toEqual([[0, 1], [], [1]])
    expect([...rowOf(after, 0)]).toEqual([...rowOf(before, 0)])
    // Not even the time of their newest row.
    expect(await newestMoment(dataset, dataset.extent)).toBe(5000)
    const earlier = { users: 1, items: 2, parts: 0 }
    expect(await dataset.userIds(earlier)).toEqual(['ann'])
  })

  test('stands in no file of a split, and in no pairs that are read', async () => {
    const { open } = await imported()
    await forgetUsers(await open(), ['bob'], false)
    const dataset = await open()
    const out = openStore(await tempFolder())
    await splitDataset({ dataset, out, by: 'time', test: 0.5, validation: 0, seed: 1 })
    for (const name of ['train.csv', 'test.csv']) {
      const text = new TextDecoder().decode(await out.read(name))
      expect(text).toContain('ann')
      expect(text).not.toMatch(/bob|^,/m)
    }
    const pairs = await readKnownPairs(
      bench.write('p.csv', 'user,item\nbob,i1\nann,i1\n'),
      dataset,
      dataset.extent,
    )
    expect(pairs.counts).toMatchObject({ pairs: 1, rowsOfUnknownUsers: 1 })
  })

  test('keeps the index when rows are appended, and new rows of theirs are left out as well', async () => {
    const { out, open } = await imported()
    await forgetUsers(await open(), ['bob'], false)
    const tuesday = bench.write('tue.csv', 'user,item,time\nbob,i3,20\ndee,i1,21\nann,i3,22\n')
    const { dataset, rows, report } = await bench.import(tuesday, { out, append: true })
    expect(report).toMatchObject({ newUsers: 1, users: 4 })
    expect(await dataset.storedUserIds()).toEqual(['ann', 'bob', 'cy', 'dee'])
    expect(await dataset.userIds()).toEqual(['ann', '', 'cy', 'dee'])
    expect(rows.slice(3)).toEqual([
      ['dee', 'i1', undefined, 21_000],
      ['ann', 'i3', undefined, 22_000],
    ])
  })

  test('once more is no change; two are counted; nobody is forgotten where one is unknown', async () => {
    const { open, store } = await imported()
    await forgetUsers(await open(), ['bob'], false)
    expect(await forgetUsers(await open(), ['bob', 'ann', 'ann'], false)).toEqual({
      forgotten: ['ann'],
      alreadyForgotten: ['bob'],
      unknown: [],
      tombstones: 2,
    })
    const before = await store.read('forgotten.json')
    await expect(forgetUsers(await open(), ['cy', 'nobody'], false)).rejects.toMatchObject({
      code: 'FORGET_UNKNOWN',
      message: expect.stringContaining('"nobody"'),
    })
    expect(await store.read('forgotten.json')).toEqual(before)
    expect(await forgetUsers(await open(), ['cy', 'nobody'], true)).toMatchObject({
      forgotten: ['cy'],
      unknown: ['nobody'],
      tombstones: 3,
    })
    await expect(forgetUsers(await open(), [''], true)).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('does not come back because the tombstones are damaged', async () => {
    const { open, out } = await imported()
    for (const text of ['{', '{}', '{"format":"nightjar-forgotten","schemaVersion":1,"users":["bob"]}']) {
      writeFileSync(join(out, 'forgotten.json'), text)
      await expect(open(), text).rejects.toMatchObject({ code: 'DATASET_FORGOTTEN' })
    }
  })
})
