import { Random } from '../data/random.ts'

export interface BootstrapOptions {
  /** Share of the resampled means that lie below the bound. */
  level: number
  resamples: number
  seed: number
}

/** Values beyond which fewer resamples do, for the means of so many hardly differ: the work stays a few seconds. */
const enough = 50_000

/** One-sided 95 %. */
export const usualBootstrap: BootstrapOptions = { level: 0.05, resamples: 10_000, seed: 1 }

/**
 * A lower bound of a mean: the percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter
 * 13). The values are drawn with replacement, as many as there are, and the bound is the `level` quantile of the means.
 *
 * For paired comparison the values are the differences, one a user, so what makes one user easier than another falls out.
 *
 * @param values one a user; not empty, or the bound is not a number
 */
export function lowerBound(values: Float64Array, options: BootstrapOptions): number {
  const means = resampledMeans(values, options)
  return means[Math.floor(options.level * means.length)]
}

/** Two bounds of a mean, or of a paired difference. */
export interface Interval {
  low: number
  high: number
}

/** What reports show: 95 % between the bounds. */
const intervalBootstrap: BootstrapOptions = { level: 0.025, resamples: 2000, seed: 1 }

/** As {@link lowerBound}, with the share `level` of the resampled means below and as much above; undefined of no values. */
export function interval(
  values: Float64Array,
  options: BootstrapOptions = intervalBootstrap,
): Interval | undefined {
  if (values.length === 0) return undefined
  const means = resampledMeans(values, options)
  const below = Math.floor(options.level * means.length)
  return { low: means[below], high: means[means.length - 1 - below] }
}

/** Ascending. */
function resampledMeans(values: Float64Array, { resamples: wanted, seed }: BootstrapOptions): Float64Array {
  let resamples = wanted
  const n = values.length
  if (n > enough) resamples = Math.max(1000, Math.floor((resamples * enough) / n))
  const random = new Random(seed)
  const means = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0
    for (let draw = 0; draw < n; draw++) sum += values[random.below(n)]
    means[resample] = sum / n
  }
  return means.sort()
}
