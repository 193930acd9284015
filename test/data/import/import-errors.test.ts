import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'
import { importCommand } from '../../../job/cli/commands/import.ts'
import { systemClock } from '../../../job/clock.ts'
import { importDataset } from '../../../job/data/import/import-dataset.ts'
import { CancelledError, UsageError } from '../../../job/errors.ts'
import { type Progress, silentProgress } from '../../../job/progress.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { FailingStore } from '../../failing-store.ts'
import { filesIn, ImportBench } from './import-bench.ts'

const bench = new ImportBench()
const good = 'user,item,rating\nu,i,4\n'

describe('import refuses', () => {
  test('a column that is missing, and lists those that are there', async () => {
    const file = bench.write('a.csv', 'who,item\nu,i\n')
    const error = await bench.failure(file)
    expect(error.code).toBe('MISSING_COLUMN')
    expect(error.message).toBe(`${file}: no column names the user; its columns are "who", "item"`)
    expect(error.fix).toContain('--user-column NAME')
    const named = await bench.failure(file, { columns: { user: 'whom' } })
    expect(named.message).toContain('no column "whom" (--user-column)')
    const numbered = await bench.failure(file, { hasHeader: false, columns: { user: '3' } })
    expect(numbered.message).toContain('no column "3" (--user-column); it has 2 columns, without names')
  })

  test('what is separated by something else than its ending says, and tells which format it is', async () => {
    const semicolons = await bench.failure(bench.write('a.csv', 'user;item\nu1;i1\n'))
    expect([semicolons.code, semicolons.fix]).toEqual(['MISSING_COLUMN', '--format ssv'])
    const tabs = await bench.failure(bench.write('b.csv', 'user\titem\nu1\ti1\n'))
    expect(tabs.fix).toBe('--format tsv')
  })

  test('an empty file, a blank one, and one with a header only', async () => {
    expect((await bench.failure(bench.write('a.csv', ''))).code).toBe('SOURCE_EMPTY')
    expect((await bench.failure(bench.write('a.csv', '\n\n'))).code).toBe('SOURCE_EMPTY')
    expect((await bench.failure(bench.write('a.jsonl', '\n \n'))).code).toBe('SOURCE_EMPTY')
    const error = await bench.failure(bench.write('a.csv', 'user,item\n'))
    expect(error.code).toBe('NO_ROWS')
    expect(error.why).toBe('the source has a header and nothing else')
  })

  test('binary junk, under whatever name', async () => {
    const junk = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))
    for (const name of ['a.csv', 'a.tsv', 'a.dat', 'a.jsonl', 'a.parquet', 'a.csv.gz']) {
      expect((await bench.failure(bench.write(name, junk))).code, name).toBe('SOURCE_BINARY')
    }
    const noNul = Buffer.from(Array.from({ length: 5000 }, (_, i) => 128 + ((i * 7919) % 127)))
    for (const name of ['a.csv', 'a.dat', 'a.jsonl']) {
      expect((await bench.failure(bench.write(name, noNul))).code, name).toBe('SOURCE_BINARY')
    }
  })

  test('a known format under a wrong name, and says how to import it', async () => {
    const cases: [Buffer, string][] = [
      [Buffer.from('PAR1....PAR1'), '--format parquet'],
      [gzipSync(good), '.gz'],
      [Buffer.from('PK\x03\x04....'), 'unpack it'],
      [Buffer.from('\ufeffuser,item\n', 'utf16le'), 'iconv'],
    ]
    for (const [bytes, fix] of cases) {
      const error = await bench.failure(bench.write('a.csv', bytes))
      expect(error.code).toBe('SOURCE_BINARY')
      expect(error.fix).toContain(fix)
    }
    expect((await bench.failure(bench.write('a.jsonl', '[{"user":"u"}]'))).code).toBe('JSON_ARRAY')
    expect((await bench.failure(bench.write('a.xyz', good))).message).toContain('unknown format')
  })

  test('a truncated Parquet file and a truncated gzip file', async () => {
    const path = bench.write('whole.parquet', '')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    await connection.run(
      `COPY (SELECT range AS user_id, range % 7 AS item_id FROM range(5000)) TO '${path}' (FORMAT parquet)`,
    )
    const whole = readFileSync(path)
    for (const bytes of [whole.length - 1, whole.length - 40, 100]) {
      const cut = bench.write('cut.parquet', whole.subarray(0, bytes))
      expect((await bench.failure(cut)).code).toBe('SOURCE_UNREADABLE')
    }
    const hole = Buffer.from(whole)
    hole.fill(0xff, 100, 2000)
    expect((await bench.failure(bench.write('hole.parquet', hole))).code).toBe('SOURCE_UNREADABLE')
    const zipped = gzipSync(good.repeat(1000))
    const cut = bench.write('a.csv.gz', zipped.subarray(0, zipped.length - 20))
    expect((await bench.failure(cut)).code).toBe('SOURCE_UNREADABLE')
  })

  test('a path with nothing there, and a folder that is not of MovieLens', async () => {
    const missing = await bench.failure(join(bench.folder, 'nowhere.csv'))
    expect(missing.code).toBe('NOT_FOUND')
    const folder = bench.fresh()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'other.csv'), good)
    const error = await bench.failure(folder)
    expect(error.code).toBe('NOT_MOVIELENS')
    expect(error.message).toContain('other.csv')
  })

  test('a folder that holds a dataset, and --append where there is none', async () => {
    const file = bench.write('a.csv', good)
    const { out } = await bench.import(file)
    expect((await bench.failure(file, { out })).code).toBe('DATASET_EXISTS')
    expect((await bench.failure(file, { append: true })).code).toBe('NOT_A_DATASET')
  })

  test('rules that leave no row', async () => {
    const error = await bench.failure(bench.write('a.csv', good), { minCount: 2 })
    expect(error.code).toBe('NO_ROWS')
    expect(error.message).toContain(
      'no row is left of 1 (0 rejected, 0 below --min-rating, 1 below --min-count)',
    )
  })

  test('--min-rating where there are no ratings, and --min-count with --append', async () => {
    expect(await bench.failure(bench.write('a.csv', 'user,item\nu,i\n'), { minRating: 3 })).toBeInstanceOf(
      UsageError,
    )
    const args = [bench.write('a.csv', good), '--out', bench.fresh(), '--append', '--min-count', '5']
    await expect(importCommand().parseAsync(args, { from: 'user' })).rejects.toThrow(/--min-count cannot go/)
  })

  test('files whose columns differ', async () => {
    const files = [bench.write('a.csv', good), bench.write('b.csv', 'user,item\nu,i\n')]
    const error = await bench.failure(files)
    expect(error.code).toBe('COLUMNS_DIFFER')
    expect(error.message).toBe(`${files[0]} has a rating, ${files[1]} has none`)
    expect((await bench.import(files, { columns: { rating: 'none' } })).rows).toHaveLength(1)
  })
})

describe('an import that fails', () => {
  const first = bench.write('a.csv', good)
  const more = bench.write('b.csv', 'user,item,rating\nv,j,5\n')
  const run = (
    file: string,
    out: string,
    failAt: number,
    options: { append: boolean; signal?: AbortSignal; progress?: Progress },
  ) => {
    const store = new FailingStore(openStore(out), failAt)
    const work = importDataset({
      sources: [file],
      out: store,
      columns: {},
      hasHeader: true,
      ifNew: false,
      maxRejects: { share: 0.01 },
      clock: systemClock,
      progress: silentProgress,
      ...options,
    })
    return { store, work }
  }

  test('at any of its writes leaves nothing behind', async () => {
    const whole = run(first, bench.fresh(), -1, { append: false })
    await whole.work
    expect(whole.store.writes).toBe(4)
    for (let n = 0; n < whole.store.writes; n++) {
      const out = bench.fresh()
      await expect(run(first, out, n, { append: false }).work).rejects.toThrow(/no space left/)
      expect(filesIn(out)).toEqual([])
    }
  })

  test('at any write of an append leaves the dataset as it was', async () => {
    for (let n = 0; n < 4; n++) {
      const { out } = await bench.import(first)
      const before = filesIn(out).map((name) => [name, readFileSync(join(out, name)).toString('base64')])
      await expect(run(more, out, n, { append: true }).work).rejects.toThrow(/no space left/)
      const after = filesIn(out).map((name) => [name, readFileSync(join(out, name)).toString('base64')])
      expect(after).toEqual(before)
    }
  })

  test('by being cancelled, at whatever stage, leaves nothing behind', async () => {
    for (const stage of ['check', 'read', 'select', 'write']) {
      const abort = new AbortController()
      const out = bench.fresh()
      const progress: Progress = {
        ...silentProgress,
        start(label) {
          if (label === stage) abort.abort()
        },
      }
      await expect(
        run(first, out, -1, { append: false, signal: abort.signal, progress }).work,
        stage,
      ).rejects.toBeInstanceOf(CancelledError)
      expect(filesIn(out)).toEqual([])
    }
  })
})
