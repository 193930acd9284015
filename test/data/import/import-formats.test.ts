import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'
import { ImportBench } from './import-bench.ts'

const bench = new ImportBench()
const s = (year: number) => Date.UTC(year, 0, 1) / 1000

/** The same three rows in every format. */
const rows = [
  ['u1', 'i1', 4.5, s(2021) * 1000],
  ['u2', 'i1', 3, s(2022) * 1000],
  ['u1', 'i2', 5, s(2023) * 1000],
]
const header = 'user_id,item_id,rating,timestamp'
const lines = [`u1,i1,4.5,${s(2021)}`, `u2,i1,3,${s(2022)}`, `u1,i2,5,${s(2023)}`]
const csv = `${[header, ...lines].join('\n')}\n`

async function parquet(select: string): Promise<string> {
  const path = bench.write('rows.parquet', '')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  return path
}

describe('import reads', () => {
  test('CSV, with any line end, quoted or not, zipped, with a byte order mark', async () => {
    const quoted = csv.replaceAll(/u\d|i\d/g, '"$&"')
    const files = [
      bench.write('a.csv', csv),
      bench.write('b.csv', csv.trimEnd()),
      bench.write('c.csv', csv.replaceAll('\n', '\r\n')),
      bench.write('d.csv', csv.replace('\n', '\r\n')),
      bench.write('e.csv', quoted),
      bench.write('f.csv', `\ufeff${csv}`),
      bench.write('g.csv', `\ufeff${quoted}`),
      bench.write('h.csv.gz', gzipSync(csv)),
      bench.write('i.txt', csv),
    ]
    for (const file of files) {
      expect((await bench.import(file, { format: 'csv' })).rows, file).toEqual(rows)
    }
  })

  test('CSV with semicolons, by its ending or by --format', async () => {
    const ssv = csv.replaceAll(',', ';')
    expect((await bench.import(bench.write('a.ssv', ssv))).rows).toEqual(rows)
    expect((await bench.import(bench.write('a.csv', ssv), { format: 'ssv' })).rows).toEqual(rows)
  })

  test('TSV, with a header or as u.data has none', async () => {
    const tsv = csv.replaceAll(',', '\t')
    expect((await bench.import(bench.write('a.tsv', tsv))).rows).toEqual(rows)
    expect((await bench.import(bench.write('u.data', tsv.slice(tsv.indexOf('\n') + 1)))).rows).toEqual(rows)
  })

  test(':: without a header, as ratings.dat', async () => {
    const dat = lines.join('\n').replaceAll(',', '::')
    expect((await bench.import(bench.write('ratings.dat', dat))).rows).toEqual(rows)
  })

  test('JSON lines, with ids that are numbers of any length', async () => {
    const jsonl = [
      '{"userId":"u1","asin":"i1","overall":4.5,"unixReviewTime":1609459200}',
      '',
      '{"asin":"i1","userId":12345678901234567890,"overall":3,"unixReviewTime":"2022-01-01T00:00:00Z","x":[1,{}]}',
      '{"userId":7,"asin":"a \\"12345678901234567890\\" \\u00e9\\n","overall":5,"unixReviewTime":1672531200000}',
    ].join('\n')
    expect((await bench.import(bench.write('reviews.jsonl', jsonl))).rows).toEqual([
      ['u1', 'i1', 4.5, s(2021) * 1000],
      ['12345678901234567890', 'i1', 3, s(2022) * 1000],
      ['7', 'a "12345678901234567890" é\n', 5, s(2023) * 1000],
    ])
  })

  test('Parquet, whatever types its columns have', async () => {
    const values = `(VALUES ('u1','i1',4.5,${s(2021)}), ('u2','i1',3,${s(2022)}), ('u1','i2',5,${s(2023)}))
      t(user_id, item_id, r, t)`
    const selects = [
      'r::DOUBLE AS rating, t::BIGINT AS timestamp',
      'r::DECIMAL(4,2) AS rating, to_timestamp(t) AS timestamp',
      'r::FLOAT AS rating, to_timestamp(t)::DATE AS timestamp',
      'r::VARCHAR AS rating, (t * 1000.0)::DOUBLE AS timestamp',
      "r::VARCHAR AS rating, strftime(to_timestamp(t), '%Y-%m-%dT%H:%M:%SZ') AS timestamp",
    ]
    for (const select of selects) {
      const file = await parquet(`SELECT user_id, item_id, ${select} FROM ${values}`)
      expect((await bench.import(file)).rows, select).toEqual(rows)
    }
  })

  test('Parquet ids that a data frame stored as doubles, and reports the rows without one', async () => {
    const file = await parquet(
      "SELECT * FROM (VALUES (1::DOUBLE, 'a'), (NULL, 'b'), ('nan'::DOUBLE, 'c'), (2.5, 'd'), (3, '')) t(user_id, item_id)",
    )
    const { rows, report } = await bench.import(file, { maxRejects: { count: 3 } })
    expect(rows).toEqual([
      ['1', 'a'],
      ['2.5', 'd'],
    ])
    expect(report.rejects.map((reject) => [reject.line, reject.column, reject.reason])).toEqual([
      [2, 'user_id', 'is empty'],
      [3, 'user_id', 'is empty'],
      [5, 'item_id', 'is empty'],
    ])
  })

  test('a MovieLens folder of each age, with its titles', async () => {
    const flags = (genre: number) => Array.from({ length: 19 }, (_, i) => (i === genre ? 1 : 0)).join('|')
    const folders: Record<string, string | Buffer>[] = [
      {
        'ratings.csv': `userId,movieId,rating,timestamp\r\n7,10,4.5,${s(2021)}\r\n`,
        'movies.csv': 'movieId,title,genres\r\n10,"Misérables, Les (1995)",Drama\r\n',
      },
      {
        'ratings.dat': `7::10::4.5::${s(2021)}\n`,
        'movies.dat': Buffer.from('10::Misérables, Les (1995)::Drama\n', 'latin1'),
      },
      {
        'u.data': `7\t10\t4.5\t${s(2021)}\n`,
        'u.item': Buffer.from(`10|Misérables, Les (1995)|01-Jan-1995||http://x|${flags(8)}\n`, 'latin1'),
      },
    ]
    for (const files of folders) {
      const folder = bench.fresh('ml')
      mkdirSync(folder, { recursive: true })
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
      const { rows, dataset, report } = await bench.import(folder)
      expect(rows).toEqual([['7', '10', 4.5, s(2021) * 1000]])
      expect(await dataset.items()).toEqual({
        ids: ['10'],
        titles: ['Misérables, Les (1995)'],
        categories: ['Drama'],
      })
      expect(report.untitledItems).toBe(0)
    }
  })

  test('several files as one source after the other, with parts of their own', async () => {
    const a = bench.write('a.csv', csv)
    const b = bench.write('b.csv', `timestamp,rating,item_id,user_id\n${s(2024)},1,i9,u1\n`)
    const { rows: read, dataset } = await bench.import([a, b])
    expect(read).toEqual([...rows, ['u1', 'i9', 1, s(2024) * 1000]])
    expect(dataset.manifest.parts.map(({ sequence, source, rows }) => [sequence, source, rows])).toEqual([
      [0, 0, 3],
      [1, 1, 1],
    ])
    expect(dataset.manifest.sources.map((source) => [source.name, source.rowsKept])).toEqual([
      ['a.csv', 3],
      ['b.csv', 1],
    ])
  })

  test('titles and categories from a file of its own, the last row of an item counting', async () => {
    const items = bench.write('titles.csv', 'ID,Name,Genres\ni1,old,X\ni1,"One, and only",A|B\ni9,unused,C\n')
    const { dataset, report } = await bench.import(bench.write('a.csv', csv), { items })
    expect(await dataset.items()).toEqual({
      ids: ['i1', 'i2'],
      titles: ['One, and only', ''],
      categories: ['A|B', ''],
    })
    expect(report.untitledItems).toBe(1)
  })
})

describe('import finds columns', () => {
  test('by well-known names, whatever their case and separators', async () => {
    const file = bench.write(
      'a.csv',
      'Review-Time,reviewerID,OVERALL,ASIN,unixReviewTime\nx,u,4,i,1609459200\n',
    )
    expect((await bench.import(file)).rows).toEqual([['u', 'i', 4, s(2021) * 1000]])
  })

  test('by the names that are given, and leaves rating and time out at "none"', async () => {
    const file = bench.write('a.csv', 'who,what,rating,time\nu,i,good,soon\n')
    const columns = { user: 'who', item: 'WHAT', rating: 'none', time: 'none' }
    const { rows, report } = await bench.import(file, { columns })
    expect(rows).toEqual([['u', 'i']])
    expect(report.columns).toEqual(['user', 'item'])
  })

  test('by number without a header, in the order user, item, rating, time by default', async () => {
    const file = bench.write('a.csv', `user_id,i,3,${s(2021)}\n`)
    expect((await bench.import(file, { hasHeader: false })).rows).toEqual([
      ['user_id', 'i', 3, s(2021) * 1000],
    ])
    const columns = { user: '2', item: '1', rating: 'none', time: 'none' }
    expect((await bench.import(file, { hasHeader: false, columns })).rows).toEqual([['i', 'user_id']])
  })
})
