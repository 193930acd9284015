import type { CsrMatrix } from '../data/csr-matrix.ts'

/** How many users have each item, `[items]`. */
export function itemCounts(ratings: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(ratings.columnCount)
  for (const item of ratings.columns) counts[item]++
  return counts
}

/** The most popular items for everybody: what every model must beat, and what an unknown user gets. */
export function popularityScorer(ratings: CsrMatrix): { scores(users: Uint32Array): Float32Array } {
  const counts = Float32Array.from(itemCounts(ratings))
  return {
    scores(users) {
      const scores = new Float32Array(users.length * counts.length)
      for (let row = 0; row < users.length; row++) scores.set(counts, row * counts.length)
      return scores
    },
  }
}
