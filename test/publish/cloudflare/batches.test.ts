import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchesOf, bodyOf } from '../../../job/publish/cloudflare/batches.ts'
import { bodyBytesMax } from '../../../job/publish/cloudflare/limits.ts'

const encoder = new TextEncoder()

test('every pair is sent once and in order, and no body has more bytes or pairs than it may', () => {
  const key = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/^\.\.?$/.test(text))
  const pair = fc.record({ key, value: fc.uint8Array({ maxLength: 60 }) })
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 40 }), (pairs) => {
      // The largest single pair fits: 20 graphemes of any length, quoted, with 80 characters of base64.
      const limits = { pairs: 7, bytes: 2_000 }
      const small = pairs.filter(({ key }) => encoder.encode(JSON.stringify(key)).length < 400)
      const batches = batchesOf(small, limits)
      expect(batches.flat()).toEqual(small)
      for (const batch of batches) {
        const body = bodyOf(batch)
        expect(batch.length).toBeLessThanOrEqual(limits.pairs)
        expect(body.byteLength).toBeLessThanOrEqual(limits.bytes)
        const sent = JSON.parse(new TextDecoder().decode(body)) as { key: string; value: string }[]
        expect(
          sent.map(({ key, value }) => ({ key, value: new Uint8Array(Buffer.from(value, 'base64')) })),
        ).toEqual(batch)
      }
    }),
  )
})

test('values of ten million bytes go two by two: base64 makes 27 MB of them', () => {
  const value = new Uint8Array(10_000_000)
  const batches = batchesOf(Array.from({ length: 5 }, (_, n) => ({ key: `b/${n}`, value })))
  expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1])
  for (const batch of batches) expect(bodyOf(batch).byteLength).toBeLessThanOrEqual(bodyBytesMax)
})
