import { expect, test } from 'vitest'
import { bucketCountFor, usersPerBucket } from '../../job/publish/bucket-count.ts'
import { noPlace, passesOf, planBuckets } from '../../job/publish/bucket-plan.ts'
import { bucketOf } from '../../shared/kv-keys.ts'

test('bucketCountFor is the power of two with about 64 users each', () => {
  const counts = [0, 1, 64, 90, 91, 6040, 50_677, 1_000_000]
  expect(counts.map((users) => bucketCountFor(users, usersPerBucket))).toEqual([
    1, 1, 1, 1, 2, 128, 1024, 16_384,
  ])
})

test('a plan puts each index into the bucket of its id, in ascending order', () => {
  const ids = Array.from({ length: 500 }, (_, i) => `id ${i}`)
  const { order, offsets, placeOf } = planBuckets(ids, 8)
  expect([...offsets][8]).toBe(ids.length)
  for (let bucket = 0; bucket < 8; bucket++) {
    const indexes = [...order.subarray(offsets[bucket], offsets[bucket + 1])]
    expect(indexes).toEqual([...ids.keys()].filter((i) => bucketOf(ids[i] as string, 8) === bucket))
  }
  expect(ids.map((_, index) => order[placeOf[index] as number])).toEqual([...ids.keys()])
})

test('an empty id, a forgotten user, has no place, and the others the places that they would have without it', () => {
  const ids = Array.from({ length: 50 }, (_, i) => (i % 5 === 2 ? '' : `id ${i}`))
  const plan = planBuckets(ids, 4)
  const others = planBuckets(
    ids.filter((id) => id !== ''),
    4,
  )
  expect(plan.offsets).toEqual(others.offsets)
  expect(Array.from(plan.order, (index) => ids[index])).toEqual(
    Array.from(others.order, (index) => ids.filter((id) => id !== '')[index]),
  )
  ids.forEach((id, index) => {
    const place = plan.placeOf[index] as number
    if (id === '') expect(place).toBe(noPlace)
    else expect(plan.order[place]).toBe(index)
  })
})

test('passes take whole buckets, in order, every one once', () => {
  const plan = planBuckets(
    Array.from({ length: 500 }, (_, i) => `id ${i}`),
    16,
  )
  for (const placesMax of [1, 50, 100, 1000]) {
    const passes = passesOf(plan, placesMax)
    expect(passes[0]?.firstBucket).toBe(0)
    expect(passes.at(-1)).toMatchObject({ endBucket: 16, endPlace: 500 })
    passes.forEach((pass, i) => {
      expect(pass.firstPlace).toBe(plan.offsets[pass.firstBucket])
      if (i > 0) expect(pass.firstBucket).toBe(passes[i - 1]?.endBucket)
      if (pass.endBucket - pass.firstBucket > 1) {
        expect(pass.endPlace - pass.firstPlace).toBeLessThanOrEqual(placesMax)
      }
    })
  }
})
