import { Random } from '../../data/random.ts'
import { f1 } from '../../evaluate/metrics.ts'
import type { K } from './outcome.ts'
import { studentTwoSided } from './student-t.ts'
import { mean, meansAt, type UserValues } from './user-values.ts'

/** One system against another on the same users. */
export interface Comparison {
  users: number
  /** F1@k of the first less that of the second, each computed from its averages as in the tables. */
  difference: number
  /** The middle 95 % of that difference over resampled users. */
  interval: { low: number; high: number }
  /**
   * p of a paired two-sided t-test on users' own F1@k. F1 of averages is no mean over users, and cannot be tested so; this
   * is a question near it.
   */
  pF1: number
  /** What that test is of: the mean over users of the difference of their own F1@k. It may have the other sign. */
  meanOfUsers: number
  /** The same on users' NDCG@10. */
  pNdcg10: number
}

interface ComparisonOptions {
  resamples: number
  seed: number
}

/** Users beyond which fewer resamples do: the bounds lie near each other, and the work stays some seconds. */
const enough = 50_000

/** Enough for two digits of a bound. */
const usualComparison: ComparisonOptions = { resamples: 2000, seed: 1 }

/**
 * Compares two systems. What the tests speak of is users: other people, same models. Where a system has several seeds, its
 * users' values come averaged over them.
 */
export function compare(a: UserValues, b: UserValues, k: K, options = usualComparison): Comparison {
  return {
    users: a[k].f1.length,
    difference: meansAt(a[k]).f1 - meansAt(b[k]).f1,
    interval: f1Interval(a, b, k, options),
    pF1: pairedT(a[k].f1, b[k].f1).p,
    meanOfUsers: mean(a[k].f1) - mean(b[k].f1),
    pNdcg10: pairedT(a[10].ndcg, b[10].ndcg).p,
  }
}

export interface PairedT {
  t: number
  degrees: number
  /** Two-sided; 1 where nothing differs, or where there is nothing to test. */
  p: number
}

/**
 * Student's t-test of paired values: t = mean(d) / sqrt(var(d) / n), with d the differences and n - 1 degrees of freedom.
 *
 * @see Student: The Probable Error of a Mean, Biometrika 6(1), 1908
 */
export function pairedT(a: Float64Array, b: Float64Array): PairedT {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`)
  const n = a.length
  const differences = a.map((value, i) => value - b[i])
  const centre = mean(differences)
  const variance = differences.reduce((sum, d) => sum + (d - centre) ** 2, 0) / (n - 1)
  if (n < 2 || (centre === 0 && variance === 0)) return { t: 0, degrees: Math.max(0, n - 1), p: 1 }
  const t = centre / Math.sqrt(variance / n)
  return { t, degrees: n - 1, p: studentTwoSided(t, n - 1) }
}

/**
 * The percentile bootstrap of a difference of F1s of averages. Users are drawn with replacement, as many as there are, and
 * each brings what both systems did for them, so that what makes one user easier than another falls out.
 *
 * @see Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13
 */
function f1Interval(a: UserValues, b: UserValues, k: K, { resamples: wanted, seed }: ComparisonOptions) {
  const n = a[k].f1.length
  if (n === 0) return { low: 0, high: 0 }
  const resamples = n <= enough ? wanted : Math.max(200, Math.floor((wanted * enough) / n))
  // Side by side, so that a draw is one look into memory.
  const four = new Float64Array(4 * n)
  for (let user = 0; user < n; user++) {
    four.set([a[k].precision[user], a[k].recall[user], b[k].precision[user], b[k].recall[user]], 4 * user)
  }
  const random = new Random(seed)
  const differences = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++) {
    let [pa, ra, pb, rb] = [0, 0, 0, 0]
    for (let draw = 0; draw < n; draw++) {
      const at = 4 * random.below(n)
      pa += four[at]
      ra += four[at + 1]
      pb += four[at + 2]
      rb += four[at + 3]
    }
    differences[resample] = f1(pa / n, ra / n) - f1(pb / n, rb / n)
  }
  differences.sort()
  return {
    low: differences[Math.floor(0.025 * resamples)],
    high: differences[Math.ceil(0.975 * resamples) - 1],
  }
}
