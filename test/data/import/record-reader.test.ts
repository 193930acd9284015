import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine } from '../../../job/data/csv-text.ts'
import { type Dialect, RecordReader, recordBytesMax } from '../../../job/data/import/record-reader.ts'

const csv: Dialect = { delimiter: ',', quotes: true }

type Seen = { line: number; fields: string[] } | { line: number; broken: string; text: string }

function read(text: string | Buffer, dialect = csv, chunkBytes = Number.POSITIVE_INFINITY): Seen[] {
  const seen: Seen[] = []
  const reader = new RecordReader(dialect, {
    record: (fields, { line }) => seen.push({ line, fields }),
    broken: (reason, place) => seen.push({ line: place.line, broken: reason, text: place.text() }),
  })
  const bytes = Buffer.from(text as string)
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes))
  reader.end()
  return seen
}

const fieldsOf = (seen: Seen[]) => seen.map((record) => ('fields' in record ? record.fields : undefined))

describe('RecordReader', () => {
  test('counts physical lines, those inside quotes and blank ones too', () => {
    expect(read('a,b\n"x\ny\n",1\n\nc,d\r\n"e","f\r\n"\r\ng,h')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['x\ny\n', '1'] },
      { line: 6, fields: ['c', 'd'] },
      { line: 7, fields: ['e', 'f\r\n'] },
      { line: 9, fields: ['g', 'h'] },
    ])
  })

  test('takes a quote inside an unquoted field for itself', () => {
    expect(fieldsOf(read('5" nail,b\nx,y"z"\n "q",r\n'))).toEqual([
      ['5" nail', 'b'],
      ['x', 'y"z"'],
      [' "q"', 'r'],
    ])
  })

  test('keeps spaces, empty fields and trailing delimiters', () => {
    expect(fieldsOf(read(' a , b\n,\nx,y,\n'))).toEqual([
      [' a ', ' b'],
      ['', ''],
      ['x', 'y', ''],
    ])
  })

  test('an unclosed quote costs its line, not the rows after it', () => {
    expect(read('a,b\n"c,d\ne,f\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, broken: 'a quote is never closed', text: '"c,d' },
      { line: 3, fields: ['e', 'f'] },
    ])
  })

  test('text after a closing quote breaks the record, and only that', () => {
    expect(read('"a"b,c\n"x\ny"z,1\nd,e')).toEqual([
      { line: 1, broken: 'text stands between a closing quote and the next column', text: '"a"b,c' },
      { line: 2, broken: 'text stands between a closing quote and the next column', text: '"x' },
      { line: 3, fields: ['y"z', '1'] },
      { line: 4, fields: ['d', 'e'] },
    ])
  })

  test('a line or a quote longer than 1 MiB is broken, and reading goes on behind its line', () => {
    const long = 'x'.repeat(recordBytesMax + 1)
    const seen = read(`a,b\n${long}\nc,d\n"open\ne,${long.slice(2000)}\nf,g\n${long}`, csv, 100_000)
    expect(
      seen.map((record) => [record.line, 'broken' in record ? record.broken : record.fields[0]]),
    ).toEqual([
      [1, 'a'],
      [2, 'the line is longer than 1 MiB'],
      [3, 'c'],
      [4, 'a quote is not closed within 1 MiB'],
      [5, 'e'],
      [6, 'f'],
      [7, 'the line is longer than 1 MiB'],
    ])
  })

  test('cuts at :: and leaves a single colon and quotes alone', () => {
    expect(fieldsOf(read('1::"Best" Years: 3::x\n', { delimiter: '::', quotes: false }))).toEqual([
      ['1', '"Best" Years: 3', 'x'],
    ])
  })

  test('reads lines that are no UTF-8 as latin-1 where that is asked for, and the others as UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('1::Amélie\n'), Buffer.from('2::Misérables\n', 'latin1')])
    expect(fieldsOf(read(bytes, { delimiter: '::', quotes: false, latin1Fallback: true }))).toEqual([
      ['1', 'Amélie'],
      ['2', 'Misérables'],
    ])
  })

  test('what csvLine writes comes back, however the bytes are cut into chunks', () => {
    const id = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(id, id), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, cut) => {
          // A row of one empty field is a blank line; two fields never are.
          expect(fieldsOf(read(rows.map(csvLine).join(''), csv, cut))).toEqual(rows)
        },
      ),
    )
  })

  test('any bytes give the same records however they are cut into chunks', () => {
    const piece = fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', 'a', 'é', ' ')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (pieces, cut) => {
        expect(read(pieces.join(''), csv, cut)).toEqual(read(pieces.join('')))
      }),
      { numRuns: 500 },
    )
  })
})
