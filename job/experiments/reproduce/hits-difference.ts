import { hitsByUser, type Outcome } from './outcome.ts'
import { type DataResult, hasRun, resultOf } from './results.ts'

/** Figure 1 on one data set: how far the hits of two models differ, by user. */
export interface HitsDifference {
  data: DataResult
  /** Of each user with a hit of either model, ascending; those of several seeds one among the other. */
  rates: Float64Array
  /** Users, over seeds, of whom neither model hits anything: they have no rate. */
  without: number
  seeds: number
}

/**
 * Users' hits difference rates, of two models on the same users:
 *
 *   (size(H1 or H2) - size(H1 and H2)) / size(H1 or H2)
 *
 * with H the test items among a model's first ten. Where both are empty it is 0 / 0, and the user is left out.
 *
 * @returns `[users with a rate]`, in the order of users
 * @see Zhu, Wang, Caverlee, WWW 2019, section 3.3
 */
export function hitsDifferenceRates(a: Outcome, b: Outcome): Float64Array {
  const others = hitsByUser(b)
  const rates = hitsByUser(a).map((hits, n) => {
    const both = hits.filter((item) => others[n].includes(item)).length
    const either = hits.length + others[n].length - both
    return (either - both) / either
  })
  return Float64Array.from(rates.filter((rate) => !Number.isNaN(rate)))
}

/** U-AutoRec against I-AutoRec, seed by seed; or why it has not run. */
export function hitsDifference(data: DataResult): HitsDifference | { data: DataResult; notRun: string } {
  const [u, i] = [resultOf(data, 'u-autorec'), resultOf(data, 'i-autorec')]
  if (!hasRun(u)) return { data, notRun: u.notRun }
  if (!hasRun(i)) return { data, notRun: i.notRun }
  const seeds = Math.min(u.outcomes.length, i.outcomes.length)
  const bySeed = Array.from({ length: seeds }, (_, n) => hitsDifferenceRates(u.outcomes[n], i.outcomes[n]))
  const rates = new Float64Array(bySeed.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const some of bySeed) {
    rates.set(some, at)
    at += some.length
  }
  return { data, rates: rates.sort(), without: seeds * u.outcomes[0].users.length - rates.length, seeds }
}

/** The share of users whose rate is above a bound. */
export function shareAbove({ rates }: HitsDifference, bound: number): number {
  return rates.filter((rate) => rate > bound).length / Math.max(1, rates.length)
}

/** What section 3.3 reads off figure 1, of MovieLens 1M alone: the share of users with a higher rate. */
export const readings = [
  { above: 0.2, printed: 'more than 60 %' },
  { above: 0.5, printed: 'around 30 %' },
] as const
