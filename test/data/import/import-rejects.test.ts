import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RecordReader } from '../../../job/data/import/record-reader.ts'
import { parseRejectLimit } from '../../../job/data/import/reject-log.ts'
import { UsageError } from '../../../job/errors.ts'
import { filesIn, ImportBench } from './import-bench.ts'

const bench = new ImportBench()

/** A rejects file's records. */
function rejectsIn(path: string): string[][] {
  const rows: string[][] = []
  const reader = new RecordReader(
    { delimiter: ',', quotes: true },
    { record: (fields) => rows.push(fields), broken: () => expect.fail('the rejects file is no CSV') },
  )
  reader.push(readFileSync(path))
  reader.end()
  return rows
}

describe('a bad row', () => {
  test('is told with file, line, column, reason and text, whatever stands before it', async () => {
    const rows: [string, ...string[]][] = [
      ['good,i1,4,1600000000'],
      [',i1,4,1600000000', 'user', 'is empty', ',i1,4,1600000000'],
      ['"quoted\nover\nlines",i1,4,1600000000'],
      ['"",i1,4,1600000000', 'user', 'is empty', '"",i1,4,1600000000'],
      ['u,i1,4', '', '3 columns, not 4', 'u,i1,4'],
      ['u,i1,4,1600000000,x', '', '5 columns, not 4', 'u,i1,4,1600000000,x'],
      ['u,"i\n1",four,1600000000', 'rating', '"four" is not a number', 'u,"i\n1",four,1600000000'],
      [''],
      ['u,i1,NaN,1600000000', 'rating', '"NaN" is not a number', 'u,i1,NaN,1600000000'],
      ['u,i1,,1600000000', 'rating', 'is empty', 'u,i1,,1600000000'],
      ['u,i1,4,soon', 'time', '"soon" is not a time (Unix or ISO 8601)', 'u,i1,4,soon'],
      ['u,"i1"x,4,1', '', 'text stands between a closing quote and the next column', 'u,"i1"x,4,1'],
      ['last,i1,4,1600000000'],
      ['u,"i1,4,1600000000', '', 'a quote is never closed', 'u,"i1,4,1600000000'],
    ]
    const text = `user,item,rating,time\n${rows.map(([row]) => row).join('\n')}\n`
    const file = bench.write('a.csv', text)
    const lineOf = (index: number) =>
      2 + rows.slice(0, index).reduce((lines, [row]) => lines + row.split('\n').length, 0)
    const expected = rows.flatMap(([, ...told], i) =>
      told.length === 0 ? [] : [[file, String(lineOf(i)), ...told]],
    )
    const { report, rows: read } = await bench.import(file, { maxRejects: { count: 99 } })
    expect(read.map(([user]) => user)).toEqual(['good', 'quoted\nover\nlines', 'last'])
    expect(rejectsIn(report.rejectsFile ?? '')).toEqual([
      ['file', 'line', 'column', 'reason', 'text'],
      ...expected,
    ])
    expect(report).toMatchObject({ rowsRead: 13, rowsKept: 3, rejected: expected.length })
    expect(report.rejects).toHaveLength(5)
  })

  test('has bytes that are no UTF-8 in a column that is read, and only there', async () => {
    const latin = Buffer.from('user,item,note\nu1,i1,ok\nu\xe9,i1,ok\nu2,i1,\xe9\nu3,i1,\n', 'latin1')
    const file = bench.write('a.csv', latin)
    const { rows, report } = await bench.import(file, { maxRejects: { count: 1 } })
    expect(rows.map(([user]) => user)).toEqual(['u1', 'u2', 'u3'])
    expect(report.rejects).toEqual([
      { file, line: 3, column: 'user', reason: 'is not valid UTF-8', text: 'u\ufffd,i1,ok' },
    ])
    const replaced = bench.write('a.csv', 'user,item\n\ufffd,i1\n')
    expect((await bench.import(replaced)).rows).toEqual([['\ufffd', 'i1']])
  })

  test('is an id that a reader down the way would change', async () => {
    const file = bench.write('a.csv', `user,item\n\ufeffu,i\n"u\n${'x'.repeat(1200)}",i\nu,i\n`)
    const { rows, report } = await bench.import(file, { maxRejects: { count: 2 } })
    expect(rows).toEqual([['u', 'i']])
    expect(report.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'begins with a byte order mark'],
      [3, 'is longer than 1024 bytes'],
    ])
  })

  test('in JSON lines is what is no object, and an id that is neither text nor number', async () => {
    const lines = [
      '{"user":"u","item":"i"}',
      '{"user":"u","item":"i"',
      '[1]',
      '{"user":null,"item":"i"}',
      '{"item":"i"}',
      '{"user":{"id":1},"item":"i"}',
      '{"user":true,"item":"i"}',
      '{"user":"\\ud800","item":"i"}',
      '{"user":"a\\u0000b","item":"i"}',
    ]
    const file = bench.write('a.jsonl', lines.join('\n'))
    const { rows, report } = await bench.import(file, { maxRejects: { count: 8 } })
    expect(rows).toEqual([['u', 'i']])
    const rejects = rejectsIn(report.rejectsFile ?? '').slice(1)
    expect(rejects.map(([, line, column, reason]) => [line, column, reason])).toEqual([
      ['2', '', 'is no JSON object'],
      ['3', '', 'is no JSON object'],
      ['4', 'user', 'is empty'],
      ['5', 'user', 'is empty'],
      ['6', 'user', 'is an object, not a text or a number'],
      ['7', 'user', 'is a boolean, not a text or a number'],
      ['8', 'user', 'is not valid Unicode'],
      ['9', 'user', 'holds a NUL character'],
    ])
  })
})

describe('too many bad rows', () => {
  const withBad = (bad: number, good: number) =>
    bench.write(
      'a.csv',
      `user,item\n${',i\n'.repeat(bad)}${Array.from({ length: good }, (_, i) => `u,i${i}\n`).join('')}`,
    )

  test('fail the import, which leaves only the rejects file behind, and says where it is', async () => {
    const out = bench.fresh()
    const error = await bench.failure(withBad(2, 98), { out })
    expect(error.code).toBe('IMPORT_REJECTS')
    expect(error.message).toContain('2 of 100 rows are bad (2 %), --max-rejects allows 1 % of them')
    expect(error.fix).toContain(`${out}.rejects.csv`)
    expect(existsSync(out)).toBe(false)
    expect(rejectsIn(`${out}.rejects.csv`)).toHaveLength(3)
  })

  test('are more than the share or the count', async () => {
    expect((await bench.import(withBad(1, 99))).report.rejected).toBe(1)
    expect((await bench.failure(withBad(1, 98))).code).toBe('IMPORT_REJECTS')
    const rejects = bench.fresh('bad.csv')
    const { report } = await bench.import(withBad(5, 5), { maxRejects: { count: 5 }, rejects })
    expect(report.rejectsFile).toBe(rejects)
    expect((await bench.failure(withBad(6, 5), { maxRejects: { count: 5 } })).code).toBe('IMPORT_REJECTS')
    expect((await bench.failure(withBad(1, 500), { maxRejects: { count: 0 } })).code).toBe('IMPORT_REJECTS')
  })

  test('are counted for each file, so that a good one cannot hide a bad one', async () => {
    const files = [withBad(0, 1000), withBad(1, 0)]
    expect((await bench.failure(files)).message).toContain('1 of 1 rows are bad')
  })

  test('may stand in the titles as well', async () => {
    const items = bench.write('titles.csv', 'item_id,title\ni0,ok\n,none\n')
    expect((await bench.failure(withBad(0, 3), { items })).message).toContain('1 of 2 rows are bad')
  })
})

test('no rejects file is written where there are no rejects', async () => {
  const { out, report } = await bench.import(bench.write('a.csv', 'user,item\nu,i\n'))
  expect(report.rejectsFile).toBeNull()
  expect(filesIn(`${out}/..`).filter((name) => name.includes('rejects'))).toEqual([])
})

test('--max-rejects takes 1%, 0.01 and 100', () => {
  expect(parseRejectLimit('1%')).toEqual({ share: 0.01 })
  expect(parseRejectLimit('0.01')).toEqual({ share: 0.01 })
  expect(parseRejectLimit('100')).toEqual({ count: 100 })
  expect(parseRejectLimit('1')).toEqual({ count: 1 })
  expect(parseRejectLimit('0')).toEqual({ count: 0 })
  for (const text of ['', 'x', '-1', '1.5', '101%', '1%%']) {
    expect(() => parseRejectLimit(text), text).toThrow(UsageError)
  }
})
