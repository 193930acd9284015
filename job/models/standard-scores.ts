import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'

/**
 * Adds a model's scores to a sum, standardised per user: with the mean 0 and the deviation 1 over the items that the user does
 * not have, so that models of different units can be added up. Where all of these scores are equal, nothing is added.
 *
 * @param sums    `[users, items]`, changed
 * @param scores  `[users, items]`, not changed
 * @param users   whose rows they are, in `ratings`
 * @param ratings `[all users, items]`
 */
export function addStandardScores(
  sums: Float32Array,
  scores: Float32Array,
  users: Uint32Array,
  ratings: CsrMatrix,
  weight: number,
): void {
  const items = ratings.columnCount
  users.forEach((user, row) => {
    const begin = row * items
    const own = rowOf(ratings, user)
    let sum = 0
    let squares = 0
    for (let cell = begin; cell < begin + items; cell++) {
      sum += scores[cell]
      squares += scores[cell] * scores[cell]
    }
    for (const item of own) {
      sum -= scores[begin + item]
      squares -= scores[begin + item] * scores[begin + item]
    }
    const n = items - own.length
    const mean = sum / n
    const variance = squares / n - mean * mean
    // What is left of rounding where all are equal is no deviation.
    if (!(variance > 1e-12 * mean * mean)) return
    const scale = weight / Math.sqrt(variance)
    for (let cell = begin; cell < begin + items; cell++) sums[cell] += scale * (scores[cell] - mean)
  })
}
