import type { MetricsAtK } from '../../evaluate/metrics.ts'
import { type K, ks, type Outcome } from './outcome.ts'
import type { PrintedDataName } from './printed.ts'
import type { SplitFolder } from './split-folder.ts'
import type { SystemName } from './systems.ts'
import { averagedOverSeeds, mean, meansAt, type UserValues, userValues } from './user-values.ts'

/** Why there is no outcome. */
export interface NotRun {
  notRun: string
  /** It was begun, and failed. */
  hasFailed?: true
}

/** One system on one data set, over its seeds. */
export interface SystemResult {
  /** One a seed; a single one for a model that no seed changes. */
  outcomes: readonly Outcome[]
  /** Where options and epochs are from. */
  source: ResultSource
  /** The averages over users, by seed. */
  means: readonly Record<K, MetricsAtK>[]
  /** Each user's, averaged over seeds. */
  values: UserValues
  /** Of a blend: what is left of it without each of its parts. */
  ablations?: { without: string; result: SystemResult }[]
}

/** A data set's columns in all tables. */
export interface DataResult {
  label: string
  /** Which of the paper's it is; undefined for one that is not in the paper. */
  printed: PrintedDataName | undefined
  /** Undefined where no folder of it was given: then all of it is not run. */
  split: SplitFolder | undefined
  systems: Map<SystemName, SystemResult | NotRun>
}

export interface ResultSource {
  /** `configs/ml-1m/ease.json`; undefined where they are the model's defaults. */
  config: string | undefined
  /** Whether that file is of this data, and not of any. */
  isOfData: boolean
  /** Whether another seed gives another model. */
  isRandom: boolean
  /** Seconds of the search for the number of epochs on validation rows; undefined where it was given. */
  searchSeconds: number | undefined
}

/** @param outcomes of one model on one data set, one a seed, at least one */
export function systemResult(outcomes: readonly Outcome[], source: ResultSource): SystemResult {
  const seeds = outcomes.map(userValues)
  return {
    outcomes,
    source,
    means: seeds.map(
      (values) => Object.fromEntries(ks.map((k) => [k, meansAt(values[k])])) as Record<K, MetricsAtK>,
    ),
    values: averagedOverSeeds(seeds),
  }
}

/** A system's result on a data set, or why there is none. */
export function resultOf(data: DataResult, system: SystemName): SystemResult | NotRun {
  if (data.split === undefined) return { notRun: 'no folder of this data was given' }
  return data.systems.get(system) ?? { notRun: 'not asked for' }
}

export function hasRun(result: SystemResult | NotRun): result is SystemResult {
  return 'outcomes' in result
}

/** A figure over seeds. */
export interface OverSeeds {
  mean: number
  /** Standard deviation of seeds (n - 1 below); undefined for one seed. */
  deviation: number | undefined
  seeds: number
}

export function overSeeds({ means }: SystemResult, metric: keyof MetricsAtK, k: K): OverSeeds {
  const values = means.map((at) => at[k][metric])
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return {
    mean: centre,
    deviation: values.length < 2 ? undefined : Math.sqrt(squares / (values.length - 1)),
    seeds: values.length,
  }
}
