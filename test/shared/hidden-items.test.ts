import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeHiddenItems, encodeHiddenItems, sortedIds } from '../../shared/hidden-items.ts'
import { nastyIds } from '../nasty-ids.ts'

const changedAt = '2026-04-23T04:00:00.000Z'
const decode = (bytes: Uint8Array) => decodeHiddenItems(new TextDecoder().decode(bytes))

test('any ids of well-formed Unicode come back, each once and in one order', () => {
  const id = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom(...nastyIds))
  fc.assert(
    fc.property(fc.array(id), (ids) => {
      const items = sortedIds(ids)
      expect(new Set(items)).toEqual(new Set(ids))
      expect(items).toHaveLength(new Set(ids).size)
      expect(sortedIds(ids.toReversed())).toEqual(items)
      expect(decode(encodeHiddenItems({ items, changedAt }))).toEqual({ items, changedAt })
    }),
  )
})

test('a list that somebody wrote in another order, or with an id twice, is read as the same list', () => {
  expect(decodeHiddenItems(JSON.stringify({ items: ['b', 'a', 'b'], changedAt }))).toEqual({
    items: ['a', 'b'],
    changedAt,
  })
})

test.each([
  '',
  '{',
  'null',
  '3',
  '[]',
  '{}',
  '{"items":[]}',
  '{"items":"a","changedAt":"x"}',
  '{"items":[1],"changedAt":"x"}',
])('%j is no list of hidden items', (text) => {
  expect(decodeHiddenItems(text)).toBeUndefined()
})
