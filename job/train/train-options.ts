import { z } from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import { fullSweep } from './full-sweep.ts'
import { windowDaysMax } from './parse-window.ts'

const count = z.number().int().positive()

/** Every option that shapes what is trained; all of them go into the run's manifest. */
const trainOptions = z.object({
  /** Hidden units of each component. */
  hidden: count,
  /** The hinge's required lead, in score units (the paper's d). */
  margin: z.number().positive(),
  /** The paper's lambda; the 1/2 is inside: `l2 / 2 * sum of squares`. Null: {@link l2PerPair} decides. */
  l2: z.number().nonnegative().nullable(),
  learningRate: z.number().positive(),
  /** Users and items of a mini-batch. */
  batchUsers: count,
  batchItems: count,
  /** The last epoch that may be run. */
  epochs: count,
  /** Held-out metrics are looked at every so many epochs. */
  evalEvery: count,
  /** Epochs without a better NDCG@10 after which the search ends; 0: never, and the last epoch is kept. */
  patience: z.number().int().nonnegative(),
  /** Share of each user's rows that is held out to choose the epoch; 0: none, and all epochs are run. */
  holdout: z.number().min(0).max(0.9),
  /** Train again on every row for as many epochs as the search found best. */
  refit: z.boolean(),
  checkpointEvery: count,
  /** Only rows of the last so many days, counted back from the newest one; null: of any age. */
  windowDays: z.number().positive().max(windowDaysMax).nullable().default(null),
  /** Only rows of at least this weight; null: of any weight. */
  minWeight: z.number().nullable().default(null),
  seed: z.number().int().nonnegative(),
})
export type TrainOptions = z.infer<typeof trainOptions>

/** Options with nothing left open: what a run is trained with and its manifest tells. */
export const settledOptions = trainOptions.extend({ l2: z.number().nonnegative() })
export type SettledOptions = z.infer<typeof settledOptions>

/**
 * L2 for each pair of a mean block. The pair loss is summed over a block, the L2 term is not: the same lambda
 * weighs more the fewer pairs a block has (MovieLens 1M has twenty-seven times as many as Video Games). This
 * carries one value over.
 */
const l2PerPair = 3e-7

/** Decides what the options leave to the data. */
export function settle(options: TrainOptions, ratings: CsrMatrix): SettledOptions {
  const blocks = fullSweep(options.batchUsers, options.batchItems).blockCount(ratings)
  return { ...options, l2: options.l2 ?? (l2PerPair * ratings.columns.length) / blocks }
}

/**
 * The defaults, chosen on validation alone (docs/log.md). The paper's settings overfit within forty epochs;
 * larger blocks and a lower rate take more of them and end higher, in less time.
 */
export const defaultOptions: TrainOptions = {
  hidden: 160,
  margin: 0.15,
  l2: null,
  learningRate: 0.001,
  batchUsers: 3200,
  batchItems: 3200,
  epochs: 600,
  evalEvery: 5,
  patience: 30,
  holdout: 0.1,
  refit: true,
  checkpointEvery: 10,
  windowDays: null,
  minWeight: null,
  seed: 1,
}

/** Section 5.2 of the paper, and its authors' code: 200 epochs, the last one counts. */
const paperOptions: TrainOptions = {
  ...defaultOptions,
  l2: 0.001,
  learningRate: 0.003,
  batchUsers: 1500,
  batchItems: 1500,
  epochs: 200,
  patience: 0,
  holdout: 0,
}

export const presets = { default: defaultOptions, paper: paperOptions } as const
export type PresetName = keyof typeof presets
