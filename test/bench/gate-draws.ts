import { Random } from '../../job/data/random.ts'
import { lowerBound } from '../../job/gate/bootstrap.ts'

/** NDCG@10 of the same users' lists by two contenders that are equally good, and by a poor one. `[users]` */
export interface EqualPair {
  one: Float64Array
  other: Float64Array
  poor: Float64Array
}

export interface DrawOptions {
  gates: number
  resamples: number
  seed: number
}

/** Share of the gates that passed, for each margin in the order that was asked. */
export type PassedShares = number[]

/**
 * How often a gate of `size` users, drawn with replacement, passes a candidate that is worse by `worseBy` (0: an equal one).
 *
 * A coin says for each user which of the two contenders is live: so they are equally good in truth, however their means
 * happen to lie, and differ as much as two trainings do. The worse candidate's list is the poor one for a share of the users.
 */
export function passedShares(
  { one, other, poor }: EqualPair,
  size: number,
  worseBy: number,
  margins: readonly number[],
  { gates, resamples, seed }: DrawOptions,
): PassedShares {
  const equal = (mean(one) + mean(other)) / 2
  const poorShare = (worseBy * equal) / (equal - mean(poor))
  const passed = margins.map(() => 0)
  const differences = new Float64Array(size)
  for (let gate = 0; gate < gates; gate++) {
    const random = new Random(seed, size, gate)
    let liveSum = 0
    for (let draw = 0; draw < size; draw++) {
      const user = random.below(one.length)
      const [live, candidate] = random.next() < 0.5 ? [one, other] : [other, one]
      const isPoor = random.next() < poorShare
      liveSum += live[user]
      differences[draw] = (isPoor ? poor : candidate)[user] - live[user]
    }
    const bound = lowerBound(differences, { level: 0.05, resamples, seed: gate })
    for (const [m, margin] of margins.entries()) if (bound > -margin * (liveSum / size)) passed[m]++
  }
  return passed.map((count) => count / gates)
}

/** Standard deviation of users' differences, as a share of the mean. */
export function relativeSpread({ one, other }: EqualPair): number {
  const squares = one.reduce((sum, value, user) => sum + (value - other[user]) ** 2, 0)
  return Math.sqrt(squares / one.length) / ((mean(one) + mean(other)) / 2)
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
