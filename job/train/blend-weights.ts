import { Random } from '../data/random.ts'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import { blendMetrics, type Pool } from './blend-pools.ts'
import { type Move, moved, ndcgOf, type RankedPool, rankedPools, sumOf } from './ranked-pools.ts'

/** Weights of a blend's parts, and what they are worth. */
interface WeightChoice {
  /** In the order of the parts; they add up to 1. */
  weights: number[]
  metrics: MetricsAtK
}

/** How often the users are halved. */
const halvings = 3

/** Of the sum of all: what a part may be given in one go. */
const shares = [0.5, 0.25, 0.1, 0.05]

/** What a part's weight may be multiplied by; 0 leaves it out. */
const factors = [1.5, 1 / 1.5, 0]

/**
 * A gain in NDCG@10 below this is none. What chance gives shrinks with the root of the users; a tenth of a user's own spread
 * keeps few users from choosing by it, and is next to nothing for thousands.
 */
const leastGain = (users: number) => 0.02 / Math.sqrt(users)

/** Weights, and what would be chosen without each of the parts that have one. */
export interface PartsChoice extends WeightChoice {
  /** In the order of the parts: undefined for one that has no weight, and for the only one. */
  without: (WeightChoice | undefined)[]
}

/**
 * @param start   of each part; it need not add up to 1
 * @param onClimb told the share of the work that is done
 */
export function chooseParts(
  pools: readonly Pool[],
  start: readonly number[],
  onClimb: (share: number) => void = () => {},
): PartsChoice {
  const ranked = rankedPools(pools)
  let climbs = 0
  const climbed = () => onClimb(++climbs / (2 * halvings * (1 + start.length)))
  const choice = chooseWeights(pools, ranked, start, climbed)
  // From the same start, so that no choice has climbed further than the other; what has no weight does not stand in.
  const kept = start.map((weight, part) => (choice.weights[part] === 0 ? 0 : weight))
  return { ...choice, without: withoutEach(pools, ranked, kept, climbed) }
}

/** The same for weights that are given. */
export function weighParts(pools: readonly Pool[], weights: number[]): PartsChoice {
  const without = withoutEach(pools, rankedPools(pools), weights, () => {})
  return { weights, metrics: blendMetrics(pools, weights), without }
}

function withoutEach(
  pools: readonly Pool[],
  ranked: readonly RankedPool[],
  start: readonly number[],
  onClimb: () => void,
) {
  const isAlone = start.filter((weight) => weight > 0).length === 1
  return start.map((weight, part) =>
    weight === 0 || isAlone ? undefined : chooseWeights(pools, ranked, start.with(part, 0), onClimb),
  )
}

/**
 * Weights with a better NDCG@10 than `start`, by forward selection, averaged over random halves of the users: one half's choice
 * follows what chance gave it, and the mean of several does less. Where there is little to choose by, the start stays; a part that has no weight there gets
 * none. What is chosen is never behind a part alone.
 *
 * @see Caruana, Niculescu-Mizil, Crew, Ksikes: Ensemble Selection from Libraries of Models, ICML 2004 (forward selection, and why
 *   to average over samples)
 */
function chooseWeights(
  pools: readonly Pool[],
  ranked: readonly RankedPool[],
  start: readonly number[],
  onClimb: () => void,
): WeightChoice {
  const begin = summingTo1(start)
  const allowed = begin.flatMap((weight, part) => (weight === 0 ? [] : [part]))
  const chosen = halvesOf(ranked).map((half) => {
    const weights = climb(half, begin, allowed)
    onClimb()
    return weights
  })
  const mean = begin.map((_, part) => chosen.reduce((sum, weights) => sum + weights[part], 0) / chosen.length)
  const worth = (weights: number[]): WeightChoice => ({ weights, metrics: blendMetrics(pools, weights) })
  const better = (a: WeightChoice, b: WeightChoice) => (b.metrics.ndcg > a.metrics.ndcg ? b : a)
  const blend = worth(rounded(mean))
  const alone = allowed.map((part) => worth(begin.map((_, n) => (n === part ? 1 : 0)))).reduce(better)
  if (alone.metrics.ndcg <= blend.metrics.ndcg) return blend
  // Few users, or one part far ahead of the others: then on from it.
  return better(alone, worth(rounded(climb(ranked, alone.weights, allowed))))
}

/** Every user is in as many halves as every other. */
function halvesOf(pools: readonly RankedPool[]): RankedPool[][] {
  return Array.from({ length: halvings }, (_, n) => {
    const shuffled = pools.slice()
    new Random(n).shuffle(shuffled)
    const middle = Math.ceil(shuffled.length / 2)
    return [shuffled.slice(0, middle), shuffled.slice(middle)]
  }).flat()
}

/**
 * Whichever gains most, a part's share of the sum, half as much again of its weight or a third less, or its leaving out, until
 * nothing gains enough.
 */
function climb(pools: readonly RankedPool[], start: readonly number[], allowed: readonly number[]): number[] {
  const users = pools.length
  let weights = start.slice()
  const sums = pools.map((pool) => sumOf(pool, weights))
  let best = ndcgOf(pools, sums)
  for (;;) {
    const moves = allowed.flatMap((part) => movesOf(part, weights[part]))
    const tried = moves.map((move) => ({ move, value: ndcgOf(pools, sums, move) }))
    const next = tried.reduce((a, b) => (b.value > a.value ? b : a))
    if (next.value < best + leastGain(users)) return summingTo1(weights)
    best = next.value
    weights = moved(weights, next.move)
    pools.forEach((pool, n) => {
      sums[n] = sumOf(pool, weights)
    })
  }
}

/** What a part of such a weight may be given or lose. */
function movesOf(part: number, weight: number): Move[] {
  const given = shares.map((share) => share / (1 - share))
  const scaled = weight > 0 && weight < 1 ? factors.map((factor) => (factor - 1) * weight) : []
  return [...given, ...scaled].map((by) => ({ part, by }))
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
