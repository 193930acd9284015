import { expect, test } from 'vitest'
import { bucketOf, metaKey, popularKey, userBucketKey, versionKeys } from '../../shared/kv-keys.ts'

test('a version has one key for its description, one for the popular list and one for each bucket', () => {
  expect(versionKeys({ versionId: 'x', userBucketCount: 2, itemBucketCount: 1 })).toEqual([
    'v/x/meta',
    'v/x/popular',
    'v/x/b/0',
    'v/x/b/1',
    'v/x/i/0',
  ])
  expect([metaKey('x'), popularKey('x'), userBucketKey('x', 1)]).toEqual([
    'v/x/meta',
    'v/x/popular',
    'v/x/b/1',
  ])
})

test('a hundred thousand users spread over buckets of about equal size', () => {
  const sizes = new Uint32Array(1024)
  for (let i = 0; i < 100_000; i++) sizes[bucketOf(`user-${i}`, sizes.length)]++
  expect(Math.min(...sizes)).toBeGreaterThan(50)
  expect(Math.max(...sizes)).toBeLessThan(160)
})
