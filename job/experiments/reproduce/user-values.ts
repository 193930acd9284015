import { f1, type MetricsAtK, MetricsSum } from '../../evaluate/metrics.ts'
import { type K, ks, listLength, type Outcome } from './outcome.ts'

/** One metric of every user, `[users]`, by metric. F1 is the user's own, from their own precision and recall. */
export type ValuesAtK = Record<keyof MetricsAtK, Float64Array>

/** Every user's metrics at each k. */
export type UserValues = Record<K, ValuesAtK>

const ranks = Uint32Array.from({ length: listLength }, (_, rank) => rank)

/** Computes them from which ranks are hits; the formulas are those of evaluate. */
export function userValues({ hitRanks, relevant }: Outcome): UserValues {
  const at = (k: K): ValuesAtK => {
    const metrics = new MetricsSum(k)
    const values = emptyValues(hitRanks.length)
    for (let n = 0; n < hitRanks.length; n++) {
      const { precision, recall, ndcg } = metrics.of(
        ranks,
        (rank) => (hitRanks[n] >> rank) % 2 === 1,
        relevant[n],
      )
      values.precision[n] = precision
      values.recall[n] = recall
      values.f1[n] = f1(precision, recall)
      values.ndcg[n] = ndcg
    }
    return values
  }
  return byK(at)
}

/** The averages over users, as the paper's tables have them: F1 is that of the averages, not the average of users' F1. */
export function meansAt({ precision, recall, ndcg }: ValuesAtK): MetricsAtK {
  const p = mean(precision)
  const r = mean(recall)
  return { precision: p, recall: r, f1: f1(p, r), ndcg: mean(ndcg) }
}

/** Each user's values averaged over seeds: with them a user counts once in a test, however many seeds there are. */
export function averagedOverSeeds(seeds: readonly UserValues[]): UserValues {
  const users = seeds[0][1].f1.length
  if (seeds.some((values) => values[1].f1.length !== users)) throw new RangeError('seeds of different users')
  return byK((k) => {
    const averaged = emptyValues(users)
    for (const metric of Object.keys(averaged) as (keyof MetricsAtK)[]) {
      for (const values of seeds)
        values[k][metric].forEach((value, n) => {
          averaged[metric][n] += value / seeds.length
        })
    }
    return averaged
  })
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let n = 0; n < values.length; n++) sum += values[n]
  return sum / Math.max(1, values.length)
}

function byK<T>(make: (k: K) => T): Record<K, T> {
  return Object.fromEntries(ks.map((k) => [k, make(k)])) as Record<K, T>
}

function emptyValues(users: number): ValuesAtK {
  const empty = () => new Float64Array(users)
  return { precision: empty(), recall: empty(), f1: empty(), ndcg: empty() }
}
