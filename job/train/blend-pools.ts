import { selectTopK } from '../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import { type MetricsAtK, MetricsSum } from '../evaluate/metrics.ts'
import type { Model } from '../models/model.ts'
import { addStandardScores } from '../models/standard-scores.ts'
import { someUsers } from './some-users.ts'

/** How far down a part's list a blend's ten best are looked for. */
const depth = 100

/** Scores that are held at once, for all parts together. */
const cellsAtOnce = 1 << 23

/** A user's candidates: what stands high with some part. */
export interface Pool {
  /** Item indexes, ascending. `[candidates]` */
  items: Uint32Array
  /** Standardised, `[parts, candidates]` */
  scores: Float32Array
  heldOut: Uint32Array
}

/**
 * The candidates of users with something held out.
 *
 * @param models  a blend's parts, fitted on `ratings`
 * @param ratings `[users, items]`, which no list may hold
 * @param watch   told the share of the users who are done; it may throw to end the work
 */
export async function poolCandidates(
  models: readonly Model[],
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  watch: (share: number) => Promise<void> = async () => {},
): Promise<Pool[]> {
  const users = someUsers(heldOut, heldOut.rowCount)
  const items = ratings.columnCount
  const atOnce = Math.max(1, Math.floor(cellsAtOnce / (models.length * items)))
  const pools: Pool[] = []
  for (let begin = 0; begin < users.length; begin += atOnce) {
    const some = users.subarray(begin, begin + atOnce)
    const parts: Float32Array[] = []
    for (const model of models) {
      const scores = new Float32Array(some.length * items)
      addStandardScores(scores, await model.scores(some), some, ratings, 1)
      parts.push(scores)
    }
    some.forEach((user, row) => {
      const own = parts.map((scores) => scores.subarray(row * items, (row + 1) * items))
      pools.push(poolOf(own, rowOf(ratings, user), rowOf(heldOut, user)))
    })
    await watch(pools.length / users.length)
  }
  return pools
}

/** @param scores of every item by each part; changed */
function poolOf(scores: readonly Float32Array[], seen: Uint32Array, heldOut: Uint32Array): Pool {
  const candidates = new Set<number>()
  for (const own of scores) {
    for (const item of seen) own[item] = Number.NEGATIVE_INFINITY
    for (const item of selectTopK(own, depth).items) candidates.add(item)
  }
  // Ascending, so that the lower index comes first of equal ones, as everywhere.
  const items = Uint32Array.from(candidates).sort()
  return {
    items,
    scores: Float32Array.from({ length: scores.length * items.length }, (_, n) => {
      return scores[Math.floor(n / items.length)][items[n % items.length]]
    }),
    heldOut: heldOut.slice(),
  }
}

/** The metrics at 10 of a blend with such weights. */
export function blendMetrics(pools: readonly Pool[], weights: readonly number[]): MetricsAtK {
  return blendSum(pools, weights).mean()
}

/** The same, summed over users. */
export function blendSum(pools: readonly Pool[], weights: readonly number[]): MetricsSum {
  const sum = new MetricsSum(10)
  for (const { items, scores, heldOut } of pools) {
    const n = items.length
    const blended = new Float32Array(n)
    weights.forEach((weight, part) => {
      if (weight === 0) return
      for (let at = 0; at < n; at++) blended[at] += weight * scores[part * n + at]
    })
    const list = selectTopK(blended, 10).items.map((at) => items[at])
    sum.add(list, (item) => heldOut.includes(item), heldOut.length)
  }
  return sum
}
