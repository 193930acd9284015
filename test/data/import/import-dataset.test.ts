import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine } from '../../../job/data/csv-text.ts'
import { partRows } from '../../../job/data/import/dataset-writer.ts'
import { filesIn, ImportBench } from './import-bench.ts'

const bench = new ImportBench()

describe('import', () => {
  test('numbers users and items in the order in which they first stand in the kept rows', async () => {
    const file = bench.write('a.csv', 'user,item,rating\nlow,x,1\nb,y,5\na,x,5\nb,x,5\na,z,5\n')
    const { dataset, rows } = await bench.import(file, { minRating: 3 })
    expect(await dataset.userIds()).toEqual(['b', 'a'])
    expect((await dataset.items()).ids).toEqual(['y', 'x', 'z'])
    expect(rows.map(([user, item]) => user + item)).toEqual(['by', 'ax', 'bx', 'az'])
  })

  test('writes the same digest for the same source, and a manifest that vouches for every file', async () => {
    const file = bench.write('a.csv', `user,item\n${'u1,i1\nu2,i2\nu1,i3\n'.repeat(10)}`)
    const [a, b] = [await bench.import(file), await bench.import(file)]
    expect(a.report.digest).toBe(b.report.digest)
    const { users, items, parts } = a.dataset.manifest
    expect(filesIn(a.out)).toEqual(
      [users.path, items.path, ...parts.map((part) => part.path), 'manifest.json'].sort(),
    )
    expect(a.report).toMatchObject({ rowsRead: 30, rowsKept: 3, duplicates: 27, users: 2, items: 3 })
    expect(a.report.density).toBe(3 / 6)
  })

  test('splits more rows than fit a part, in the order of the source', async () => {
    const rows = partRows + 5
    const file = bench.write(
      'big.csv',
      `user,item\n${Array.from({ length: rows }, (_, i) => `${i % 1013},${i}\n`).join('')}`,
    )
    const { dataset } = await bench.import(file)
    expect(dataset.manifest.parts.map((part) => [part.path, part.rows])).toEqual([
      ['interactions/part-00000.arrow', partRows],
      ['interactions/part-00001.arrow', 5],
    ])
    let next = 0
    for await (const { users, items } of dataset.interactions()) {
      expect(items.every((item, i) => item === next + i && users[i] === item % 1013)).toBe(true)
      next += items.length
    }
    expect(next).toBe(rows)
  })

  test.each([
    ['plain', ''],
    ['quoted', '"'],
  ])('folds repeated pairs into the newest, or at equal times the last (%s)', async (_, quote) => {
    const timed = bench.write(
      'a.csv',
      `user,item,rating,time\n${quote}u${quote},i,1,30\nu,i,2,10\nu,j,3,5\nu,i,4,30\nv,i,5,1\nu,i,5,20\n`,
    )
    expect((await bench.import(timed)).rows).toEqual([
      ['u', 'j', 3, 5000],
      ['u', 'i', 4, 30_000],
      ['v', 'i', 5, 1000],
    ])
    const untimed = bench.write('a.csv', `user,item,rating\n${quote}u${quote},i,1\nu,j,2\nu,i,3\n`)
    const { rows, report } = await bench.import(untimed)
    expect(rows).toEqual([
      ['u', 'j', 2],
      ['u', 'i', 3],
    ])
    expect(report.duplicates).toBe(1)
  })

  test('folds before it looks at ratings: the newest opinion counts, not the best', async () => {
    const file = bench.write('a.csv', 'user,item,rating,time\nu,i,5,1\nu,i,2,2\nu,j,4,1\n')
    const { rows, report } = await bench.import(file, { minRating: 4 })
    expect(rows).toEqual([['u', 'j', 4, 1000]])
    expect(report).toMatchObject({ rowsRead: 3, rowsKept: 1, duplicates: 1, belowMinRating: 1 })
  })

  test('keeps the rating itself as float32, and min-rating includes it', async () => {
    const file = bench.write('a.csv', 'user,item,rating\nu,i,4.1\nu,j,4.09\n')
    expect((await bench.import(file, { minRating: 4.1 })).rows).toEqual([['u', 'i', Math.fround(4.1)]])
  })

  const awkward = [
    '007',
    ' 7',
    '7 ',
    'NULL',
    'NA',
    'null',
    'a,b',
    '"',
    'a"b',
    "it's",
    'x\ny',
    '\r',
    'x\r\ny',
    '/',
    '%2F',
    '?k=1',
    '😀',
    'e\u0301',
    'é',
    'x\ufeff',
    '\t',
    'true',
    '1e5',
    '#',
    '\\',
    '..',
  ]

  test('brings every id through byte for byte', async () => {
    // No column in the file is plain here, so each comes through our own reader; the next test takes the other.
    const file = bench.write('a.csv', `user,item\n${awkward.map((id) => csvLine([id, `${id}!`])).join('')}`)
    const { dataset } = await bench.import(file)
    expect(await dataset.userIds()).toEqual(awkward)
    expect((await dataset.items()).ids).toEqual(awkward.map((id) => `${id}!`))
  })

  test('brings ids that need no quotes through DuckDB byte for byte', async () => {
    const plain = awkward.filter((id) => !/[",\r\n]/.test(id))
    const file = bench.write('a.csv', `user,item\n${plain.map((id) => csvLine([id, `${id}!`])).join('')}`)
    const { dataset } = await bench.import(file)
    expect(await dataset.userIds()).toEqual(plain)
  })

  test('brings any Unicode text through, from CSV and from JSON lines', async () => {
    const id = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .filter((text) => !text.startsWith('\ufeff') && !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.tuple(id, id), { minLength: 1, maxLength: 20 }), async (pairs) => {
        const csv = bench.write('a.csv', `user,item\n${pairs.map(csvLine).join('')}`)
        const json = pairs.map(([user, item]) => JSON.stringify({ user, item })).join('\n')
        const expected = [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()]
        expect((await bench.import(csv)).rows).toEqual(expected)
        expect((await bench.import(bench.write('a.jsonl', json))).rows).toEqual(expected)
      }),
      { numRuns: 12 },
    )
  })

  test('writes uint32, float32 and millisecond timestamps', async () => {
    const { dataset } = await bench.import(bench.write('a.csv', 'user,item,rating,time\nu,i,4,1\n'))
    for await (const part of dataset.interactions()) {
      expect(part.users).toBeInstanceOf(Uint32Array)
      expect(part.weights).toBeInstanceOf(Float32Array)
      expect(part.times).toEqual(BigInt64Array.of(1000n))
    }
  })

  test('names no folder of this machine in the manifest', async () => {
    const { out } = await bench.import(bench.write('a.csv', 'user,item\nu,i\n'))
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).not.toContain(bench.folder)
  })
})
