import { expect, test } from 'vitest'
import { fnv1a32 } from '../../shared/fnv1a32.ts'

test('fnv1a32 agrees with the published vectors', () => {
  expect(fnv1a32('')).toBe(0x811c9dc5)
  expect(fnv1a32('a')).toBe(0xe40c292c)
  expect(fnv1a32('foobar')).toBe(0xbf9cf968)
})

test('fnv1a32 hashes UTF-8 bytes, not UTF-16 units', () => {
  const bytes = [0xf0, 0x9f, 0x90, 0xa6]
  const expected = bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0
  expect(fnv1a32('🐦')).toBe(expected)
})
