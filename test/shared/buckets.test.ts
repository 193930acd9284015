import { uint32, utf8 } from '@uwdata/flechette'
import { tableFromIPC as arrowTableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BucketError, encodeBucketTable } from '../../shared/bucket-table.ts'
import {
  decodeItemBucket,
  encodeItemBucket,
  findItems,
  findSimilar,
  openItemBucket,
} from '../../shared/item-bucket.ts'
import { decodeUserBucket, encodeUserBucket, findUser, openUserBucket } from '../../shared/user-bucket.ts'
import type { ItemRow, UserRow } from '../../shared/version-meta.ts'

/** Any well-formed Unicode: a lone surrogate has no UTF-8, so no Arrow file could have held it. */
const text = fc.string({ unit: 'binary' })

const userRow: fc.Arbitrary<UserRow> = fc
  .record({
    userId: text,
    list: fc.array(fc.tuple(text, fc.float({ noNaN: true, noDefaultInfinity: true }))),
    history: fc.array(text, { maxLength: 50 }),
  })
  .map(({ userId, list, history }) => ({
    userId,
    itemIds: list.map(([itemId]) => itemId),
    scores: list.map(([, score]) => score),
    history,
  }))
const userRows = fc.uniqueArray(userRow, { selector: (row) => row.userId, maxLength: 20 })

const itemRow: fc.Arbitrary<ItemRow> = fc
  .record({
    itemId: text,
    title: text,
    category: text,
    count: fc.nat({ max: 2 ** 32 - 1 }),
    list: fc.array(fc.tuple(text, fc.float({ noNaN: true, noDefaultInfinity: true })), { maxLength: 30 }),
  })
  .map(({ list, ...facts }) => ({
    ...facts,
    similar: list.map(([itemId]) => itemId),
    similarScores: list.map(([, score]) => score),
  }))
const itemRows = fc.uniqueArray(itemRow, { selector: (row) => row.itemId, maxLength: 20 })

describe('user buckets', () => {
  test('decodeUserBucket gives back every row', () => {
    fc.assert(
      fc.property(userRows, (rows) => {
        expect(decodeUserBucket(encodeUserBucket(rows))).toEqual(rows)
      }),
    )
  })

  test('findUser finds each user and nobody else', () => {
    fc.assert(
      fc.property(userRows, text, (rows, other) => {
        const bytes = encodeUserBucket(rows)
        for (const row of rows) expect(findUser(openUserBucket(bytes), row.userId)).toEqual(row)
        if (rows.every((row) => row.userId !== other))
          expect(findUser(openUserBucket(bytes), other)).toBeUndefined()
      }),
    )
  })

  test('apache-arrow reads the same values', () => {
    fc.assert(
      fc.property(userRows, (rows) => {
        const table = arrowTableFromIPC(encodeUserBucket(rows))
        expect(table.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
          'user_id: Utf8',
          'item_ids: List<Utf8>',
          'scores: List<Float32>',
          'history: List<Utf8>',
        ])
        expect(table.numRows).toBe(rows.length)
        rows.forEach((row, i) => {
          const list = (column: string) => [...(table.getChild(column)?.get(i) ?? [])]
          expect(table.getChild('user_id')?.get(i)).toBe(asArrowReads(row.userId))
          expect(list('item_ids')).toEqual(row.itemIds.map(asArrowReads))
          expect(list('scores')).toEqual(row.scores)
          expect(list('history')).toEqual(row.history.map(asArrowReads))
        })
      }),
    )
  })

  test('bytes that begin anywhere in a buffer are read', () => {
    const bytes = encodeUserBucket([{ userId: 'ann', itemIds: ['x'], scores: [0.5], history: [] }])
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(findUser(openUserBucket(shifted.subarray(3)), 'ann')?.itemIds).toEqual(['x'])
  })

  test('what is no bucket is a BucketError', () => {
    const itemBucket = encodeItemBucket([])
    const whole = encodeUserBucket([{ userId: 'ann', itemIds: ['x'], scores: [0.5], history: [] }])
    for (const bytes of [new Uint8Array(), new Uint8Array(100).fill(7), itemBucket, whole.subarray(0, 200)]) {
      expect(() => findUser(openUserBucket(bytes), 'ann')).toThrow(BucketError)
    }
  })
})

describe('item buckets', () => {
  test('decodeItemBucket gives back every row, findItems and findSimilar what was asked for', () => {
    fc.assert(
      fc.property(itemRows, text, (rows, other) => {
        const bytes = encodeItemBucket(rows)
        expect(decodeItemBucket(bytes)).toEqual(rows)
        const asked = rows.filter((_, i) => i % 2 === 0)
        const missing = rows.some((row) => row.itemId === other) ? [] : [other]
        const facts = asked.map(({ similar: _, similarScores: __, ...row }) => row)
        const table = openItemBucket(bytes)
        expect(findItems(table, [...missing, ...asked.map((row) => row.itemId)])).toEqual(facts)
        for (const { itemId, similar, similarScores } of rows) {
          expect(findSimilar(table, itemId)).toEqual({ itemIds: similar, scores: similarScores })
        }
        for (const itemId of missing) expect(findSimilar(table, itemId)).toBeUndefined()
      }),
    )
  })

  test('a bucket from before there were similar items is read, and has none', () => {
    const before = encodeBucketTable({
      item_id: { type: utf8(), values: ['tea', 'cup'] },
      title: { type: utf8(), values: ['Tea', ''] },
      category: { type: utf8(), values: ['', 'things'] },
      count: { type: uint32(), values: [3, 1] },
    })
    const table = openItemBucket(before)
    const cup = { itemId: 'cup', title: '', category: 'things', count: 1 }
    expect(findItems(table, ['cup'])).toEqual([cup])
    expect(decodeItemBucket(before)[1]).toEqual({ ...cup, similar: [], similarScores: [] })
    expect(findSimilar(table, 'cup')).toEqual({ itemIds: [], scores: [] })
    expect(findSimilar(table, 'pot')).toBeUndefined()
  })

  test('apache-arrow reads the same values', () => {
    fc.assert(
      fc.property(itemRows, (rows) => {
        const table = arrowTableFromIPC(encodeItemBucket(rows))
        rows.forEach((row, i) => {
          const read = (column: string) => table.getChild(column)?.get(i)
          expect([read('item_id'), read('title'), read('category'), read('count')]).toEqual([
            ...[row.itemId, row.title, row.category].map(asArrowReads),
            row.count,
          ])
          expect([...read('similar')]).toEqual(row.similar.map(asArrowReads))
          expect([...read('similar_scores')]).toEqual(row.similarScores)
        })
      }),
    )
  })
})

/** apache-arrow drops a byte order mark at the beginning of a text; our own reader does not. */
function asArrowReads(value: string): string {
  return value.replace(/^\ufeff/, '')
}
