import { ndcgDiscounts } from '../evaluate/metrics.ts'
import type { Pool } from './blend-pools.ts'

/**
 * A user's candidates, ready for the question that a choice of weights asks thousands of times: what NDCG@10 has this sum of the parts'
 * scores? Only the ranks of what is held out have to be known for it, so no list is made.
 */
export interface RankedPool {
  candidates: number
  /** Standardised, `[parts, candidates]` */
  scores: Float32Array
  /** Which candidates are held out. */
  hits: number[]
  /** The sum of discounts of the best list that there could be. */
  ideal: number
}

/** A part's weight, more or less by so much; the sum of all weights changes with it. */
export interface Move {
  part: number
  by: number
}

const listLength = 10
const discounts = ndcgDiscounts(listLength)

export function rankedPools(pools: readonly Pool[]): RankedPool[] {
  return pools.map(({ items, scores, heldOut }) => ({
    candidates: items.length,
    scores,
    hits: [...items.keys()].filter((at) => heldOut.includes(items[at])),
    ideal: discounts.subarray(0, heldOut.length).reduce((sum, discount) => sum + discount, 0),
  }))
}

/** The parts' scores, summed with such weights. `[candidates]` */
export function sumOf({ candidates, scores, hits }: RankedPool, weights: readonly number[]): Float64Array {
  // Where nothing is to be hit, nothing is asked.
  const sum = new Float64Array(hits.length === 0 ? 0 : candidates)
  weights.forEach((weight, part) => {
    if (weight === 0) return
    for (let at = 0; at < sum.length; at++) sum[at] += weight * scores[part * candidates + at]
  })
  return sum
}

/** The weights after a move, adding up to 1. */
export function moved(weights: readonly number[], { part, by }: Move): number[] {
  const sum = weights.reduce((a, b) => a + b, by)
  return weights.map((weight, other) => Math.max(0, weight + (other === part ? by : 0)) / sum)
}

/**
 * NDCG@10, the mean over users; of equal scores the first candidate stands first. An order is the same with any multiple of the weights, so a
 * move is no more than a part's scores added to the sum.
 *
 * @param sums of each pool, as of {@link sumOf}
 */
export function ndcgOf(
  pools: readonly RankedPool[],
  sums: readonly Float64Array[],
  { part, by }: Move = { part: 0, by: 0 },
): number {
  let total = 0
  for (let user = 0; user < pools.length; user++) {
    const { candidates, scores, hits, ideal } = pools[user]
    const sum = sums[user]
    const begin = part * candidates
    let gain = 0
    for (const hit of hits) {
      const own = sum[hit] + by * scores[begin + hit]
      let rank = 0
      for (let at = 0; at < candidates && rank < listLength; at++) {
        const other = sum[at] + by * scores[begin + at]
        if (other > own || (other === own && at < hit)) rank++
      }
      if (rank < listLength) gain += discounts[rank]
    }
    total += gain / ideal
  }
  return total / Math.max(1, pools.length)
}
