import { expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { addStandardScores } from '../../job/models/standard-scores.ts'

it('addStandardScores takes mean and deviation over the items that the user does not have, and weighs', () => {
  // User 1 has item 2; users are asked for in another order than they stand.
  const ratings = csrFromPairs(Uint32Array.of(1), Uint32Array.of(2), 2, 4)
  const sums = Float32Array.of(10, 10, 10, 10, 0, 0, 0, 0)
  const scores = Float32Array.of(1, 3, 100, 5, 2, 2, 2, 2)
  addStandardScores(sums, scores, Uint32Array.of(1, 0), ratings, 0.5)
  // 1, 3 and 5: mean 3, deviation sqrt(8 / 3).
  const deviation = Math.sqrt(((1 - 3) ** 2 + (3 - 3) ** 2 + (5 - 3) ** 2) / 3)
  const want = [
    10 + (0.5 * (1 - 3)) / deviation,
    10,
    10 + (0.5 * (100 - 3)) / deviation,
    10 + (0.5 * 2) / deviation,
  ]
  want.forEach((value, cell) => {
    expect(sums[cell]).toBeCloseTo(value, 4)
  })
  // Of equal scores nothing is learned.
  expect([...sums.subarray(4)]).toEqual([0, 0, 0, 0])
})
