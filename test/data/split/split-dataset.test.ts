import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heldOutCounts } from '../../../job/data/split/held-out.ts'
import { type SplitOptions, splitDataset } from '../../../job/data/split/split-dataset.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { FailingStore } from '../../failing-store.ts'
import { filesIn, ImportBench } from '../import/import-bench.ts'

const bench = new ImportBench()

/** Users u1 to u40 with as many items as their number; item n of a user came at time n. */
const lines = Array.from({ length: 40 }, (_, u) =>
  Array.from({ length: u + 1 }, (_, n) => `u${u + 1},i${(n * 7 + u) % 41},${n + 1}`),
).flat()
const source = bench.write('a.csv', `user,item,time\n${lines.join('\n')}\n`)

async function split(options: Partial<SplitOptions> & { from?: string } = {}) {
  const { dataset } = await bench.import(options.from ?? source)
  const folder = bench.fresh()
  const report = await splitDataset({
    by: 'random',
    test: 0.2,
    validation: 0.1,
    seed: 1,
    out: openStore(folder),
    ...options,
    dataset,
  })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(1)
  return {
    report,
    folder,
    train: read('train.csv'),
    validation: read('validation.csv'),
    test: read('test.csv'),
  }
}

const ofUser = (rows: string[], user: string) => rows.filter((row) => row.startsWith(`${user},`))

describe('split', () => {
  test.each(['random', 'time'] as const)('holds out the paper counts of each user (by %s)', async (by) => {
    const { train, validation, test, report } = await split({ by })
    for (let n = 1; n <= 40; n++) {
      const testRows = n < 2 ? 0 : Math.max(1, Math.floor((n - 1) / 5))
      const trainRows = n - testRows
      const validationRows = trainRows < 2 ? 0 : Math.max(1, Math.floor((trainRows - 1) / 10))
      const user = `u${n}`
      expect(
        [ofUser(test, user), ofUser(train, user), ofUser(validation, user)].map((rows) => rows.length),
      ).toEqual([testRows, trainRows, validationRows])
    }
    expect(report.rows).toEqual({ train: train.length, validation: validation.length, test: test.length })
  })

  test('puts the validation rows into train.csv, and test rows nowhere else', async () => {
    const { train, validation, test } = await split()
    expect(validation.every((row) => train.includes(row))).toBe(true)
    expect([...train, ...test].sort()).toEqual(lines.map((line) => line.replace(/,\d+$/, '')).sort())
  })

  test('draws the same rows for a seed, others for another, and each user apart from the others', async () => {
    const [first, again, other] = [await split(), await split(), await split({ seed: 2 })]
    expect(again.test).toEqual(first.test)
    expect(other.test).not.toEqual(first.test)
    const fewer = bench.write('b.csv', `user,item,time\n${lines.slice(0, -40).join('\n')}\n`)
    const smaller = await split({ from: fewer })
    expect(smaller.test).toEqual(first.test.filter((row) => !row.startsWith('u40,')))
  })

  test('by time holds out the newest, test before validation, the later row first where times are equal', async () => {
    const rows = [
      'u,a,5',
      'u,b,9',
      'u,c,9',
      'u,d,1',
      'u,e,7',
      'u,f,2',
      'u,g,3',
      'u,h,3',
      'u,a,8',
      'u,i,0',
      'u,j,0',
    ]
    const from = bench.write('a.csv', `user,item,time\n${rows.join('\n')}\n`)
    const shares = await split({ from, by: 'time', test: 0.3, validation: 0.4 })
    // 10 items: 2 are test; of the 8 left 2 are validation. a was seen again at 8.
    expect(shares.test.sort()).toEqual(['u,b', 'u,c'])
    expect(shares.validation.sort()).toEqual(['u,a', 'u,e'])
    const one = await split({ from, by: 'time', test: 0.1, validation: 0 })
    expect(one.test).toEqual(['u,c'])
    expect(one.validation).toEqual([])
  })

  test('writes ids that CSV must quote so that import reads them back', async () => {
    const ids = ['a,b', '"q"', 'x\ny', ' s ', '😀', '007']
    const json = ids.flatMap((user) => ids.map((item) => JSON.stringify({ user, item }))).join('\n')
    const { folder } = await split({ from: bench.write('a.jsonl', json) })
    const { rows } = await bench.import([join(folder, 'train.csv'), join(folder, 'test.csv')])
    expect(rows.map((row) => JSON.stringify(row)).sort()).toEqual(
      ids.flatMap((user) => ids.map((item) => JSON.stringify([user, item]))).sort(),
    )
  })

  test('writes titles to items.csv where the dataset has some', async () => {
    const items = bench.write('titles.csv', 'item_id,title,category\ni1,"One, two",A\n')
    const { dataset } = await bench.import(bench.write('a.csv', 'user,item\nu,i1\nu,i2\n'), { items })
    const folder = bench.fresh()
    await splitDataset({ dataset, out: openStore(folder), by: 'random', test: 0.2, validation: 0.1, seed: 0 })
    expect(readFileSync(join(folder, 'items.csv'), 'utf8')).toBe(
      'item_id,title,category\ni1,"One, two",A\ni2,,\n',
    )
    expect(filesIn(folder)).toEqual(['items.csv', 'split.json', 'test.csv', 'train.csv', 'validation.csv'])
  })

  test('refuses times where there are none, and a folder that holds a split', async () => {
    const from = bench.write('a.csv', 'user,item\nu,i\n')
    await expect(split({ from, by: 'time' })).rejects.toMatchObject({ code: 'SPLIT_NO_TIMES' })
    const { folder } = await split()
    await expect(split({ out: openStore(folder) })).rejects.toMatchObject({ code: 'SPLIT_EXISTS' })
  })

  test('leaves nothing behind when any of its writes fails', async () => {
    for (let n = 0; n < 4; n++) {
      const folder = bench.fresh()
      await expect(split({ out: new FailingStore(openStore(folder), n) })).rejects.toThrow(/no space left/)
      expect(existsSync(folder)).toBe(false)
    }
  })
})

test('heldOutCounts always leaves a row in train, and counts 0.7 of 10 as 7', () => {
  const share = fc.double({ min: 0, max: 0.9, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), share, share, (n, testShare, validationShare) => {
      const { test, validation } = heldOutCounts(n, { test: testShare, validation: validationShare })
      expect(n - test - validation).toBeGreaterThan(0)
    }),
  )
  expect(heldOutCounts(11, { test: 0.7, validation: 0 })).toEqual({ test: 7, validation: 0 })
  expect(heldOutCounts(101, { test: 0.57, validation: 0.1 })).toEqual({ test: 57, validation: 4 })
})
