import type { CsrMatrix } from '../data/csr-matrix.ts'
import { type Ranker, topKOfScores } from '../engine/top-k.ts'

/** How many users have each item, `[items]`. */
export function itemCounts(ratings: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(ratings.columnCount)
  for (const item of ratings.columns) counts[item]++
  return counts
}

/** The most popular items for everybody: what every model must beat, and what an unknown user gets. */
export function popularityRanker(ratings: CsrMatrix): Ranker {
  const counts = Float32Array.from(itemCounts(ratings))
  return {
    async topK(users, k, masked) {
      const scores = new Float32Array(users.length * counts.length)
      for (let row = 0; row < users.length; row++) scores.set(counts, row * counts.length)
      return topKOfScores(scores, users, k, masked)
    },
  }
}
