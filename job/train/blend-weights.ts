import { selectTopK } from '../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import { type MetricsAtK, MetricsSum } from '../evaluate/metrics.ts'
import type { Model } from '../models/model.ts'
import { addStandardScores } from '../models/standard-scores.ts'

/** How far down a part's list a blend's ten best are looked for. */
const depth = 100

/** Users that the weights are chosen by: more cost memory, and change little. */
const usersMax = 20_000

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

/** Weights of a blend's parts, and what they are worth. */
export interface WeightChoice {
  /** In the order of the parts; they add up to 1. */
  weights: number[]
  metrics: MetricsAtK
}

/**
 * The users whose candidates are pooled.
 *
 * @param heldOut `[users, items]`
 */
function someUsers(heldOut: CsrMatrix): Uint32Array {
  const having = Uint32Array.from({ length: heldOut.rowCount }, (_, user) => user).filter(
    (user) => rowOf(heldOut, user).length > 0,
  )
  const every = Math.ceil(having.length / usersMax)
  return having.filter((_, n) => n % every === 0)
}

/**
 * The candidates of users with something held out.
 *
 * @param models  a blend's parts, fitted on `ratings`
 * @param ratings `[users, items]`, which no list may hold
 */
export async function poolCandidates(
  models: readonly Model[],
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  watch: () => Promise<void> = async () => {},
): Promise<Pool[]> {
  const users = someUsers(heldOut)
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
    await watch()
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

/** What a part may take of the sum in one go. */
const shares = [0.5, 0.25, 0.1, 0.05]

/** What a part's weight may be multiplied by. */
const factors = [1.5, 1 / 1.5]

/**
 * A gain in NDCG@10 below this is none. What chance gives shrinks with the root of the users; a tenth of a user's own spread
 * keeps few users from choosing by it, and is next to nothing for thousands.
 */
const leastGain = (users: number) => 0.02 / Math.sqrt(users)

/**
 * Weights with a better NDCG@10 than `start`: whichever gains most, a part's share of the sum, half as much again of its weight or
 * a third less, or its leaving out, until nothing gains enough (forward selection). So where there is little to choose by, the start stays.
 *
 * @param start   of each part; it need not add up to 1
 * @param without parts that must have no weight
 * @see Caruana, Niculescu-Mizil, Crew, Ksikes: Ensemble Selection from Libraries of Models, ICML 2004
 */
export function chooseWeights(
  pools: readonly Pool[],
  start: readonly number[],
  without: readonly number[] = [],
): WeightChoice {
  const measured = (weights: number[]): WeightChoice => ({ weights, metrics: blendMetrics(pools, weights) })
  const better = (a: WeightChoice, b: WeightChoice) => (b.metrics.ndcg > a.metrics.ndcg ? b : a)
  const allowed = start.map((_, part) => part).filter((part) => !without.includes(part))
  let best = measured(summingTo1(start.map((weight, part) => (without.includes(part) ? 0 : weight))))
  for (;;) {
    const { weights, metrics } = best
    const given = allowed.flatMap((part) =>
      shares.map((share) =>
        weights.map((weight, other) => (1 - share) * weight + (other === part ? share : 0)),
      ),
    )
    const scaled = allowed.flatMap((part) =>
      factors.map((factor) => summingTo1(weights.with(part, factor * weights[part]))),
    )
    const left = allowed
      .filter((part) => weights[part] > 0 && weights[part] < 1)
      .map((part) => summingTo1(weights.with(part, 0)))
    const next = [...given, ...scaled, ...left].map(measured).reduce(better)
    if (next.metrics.ndcg < metrics.ndcg + leastGain(pools.length)) break
    best = next
  }
  return measured(rounded(best.weights))
}

function summingTo1(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}

/** To thousandths; a part that has next to nothing has nothing. */
function rounded(weights: readonly number[]): number[] {
  const kept = summingTo1(weights.map((weight) => (weight < 0.02 ? 0 : weight)))
  return kept.map((weight) => Math.round(1000 * weight) / 1000)
}
