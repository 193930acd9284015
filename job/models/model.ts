import type { z } from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { Engine, RangeRanker, WeightReader } from '../engine/engine.ts'
import type { Tensor } from '../engine/model-state.ts'
import type { Ranker } from '../engine/top-k.ts'

/** Arrays by name, as they stand in a file. */
export type Tensors = Record<string, Tensor>

/** Everything that fitting changes. */
export interface FitState {
  /** Updates so far: steps of Adam, or sweeps. */
  step: number
  /** What scores are computed from, beside the rows that were fitted. */
  weights: Tensors
  /** What an optimizer must remember to go on to the same bits; empty in a finished run. */
  memory: Tensors
}

/**
 * Looks on while an epoch runs: called after each step, or after each share of a long one, and awaited. Here progress is
 * told, Ctrl-C is heard, and a loss that is not finite ends the work.
 *
 * @param step  steps of the epoch that are behind, from 1
 * @param steps of the whole epoch
 * @param loss  summed over those steps
 */
export type EpochWatch = (step: number, steps: number, loss: number) => Promise<void>

/** A model that can be fitted further, and asked. One call at a time. */
export interface Model extends Ranker {
  /**
   * Runs one pass over the rows. What it draws at random depends on the seed and `epoch` alone, so a resumed training ends
   * with the same bits as one that was never interrupted.
   *
   * @param epoch from 1
   * @returns the loss, summed over the rows; 0 for a model that has none
   */
  epoch(epoch: number, watch: EpochWatch): Promise<number>

  /** Scores of every item for some users, `[users, items]`, valid until the next call. */
  scores(users: Uint32Array): Promise<Float32Array>

  /** A copy. */
  state(): Promise<FitState>

  /** Frees what it holds. */
  close(): void
}

/** What a model is made of. */
export interface ModelInput<Options> {
  options: Options
  /** The rows to fit, `[users, items]`: for a fitted model those that it was fitted on. */
  ratings: CsrMatrix
  seed: number
  /** For models that run on it. */
  engine: Engine
  /** Threads that a model may use that does not. */
  threads: number
  /** To go on from, or to ask a fitted model; fresh weights where it is absent. */
  state?: FitState | undefined
}

/** Values that a search for the best options may try, and how they lie. */
export type Choice =
  | { values: readonly (number | string | boolean)[] }
  | { from: number; to: number; by: 'linear' | 'log' }

/** Of the training's own options, those that a model may have reasons to set. */
interface TrainingHabits {
  epochs?: number
  evalEvery?: number
  patience?: number
  holdout?: number
}

/** An algorithm: what there is to know before it is fitted. */
export interface ModelKind<Options extends object = object> {
  /** As in `--model NAME`. */
  name: string
  /** One line, with the paper that it is from. */
  about: string
  /** Options of the model alone; those of the training are not among them. */
  options: z.ZodType<Options>
  defaults: Options
  /** Where the training's own defaults do not suit it. */
  training?: TrainingHabits
  /** The settings of the JCA paper's section 5.2, over the defaults, where it tells them. */
  paper?: { options: Partial<Options>; training: TrainingHabits }
  /** What a search may try: keys of the options. */
  space: Partial<Record<keyof Options & string, Choice>>
  /** `engine`: on any engine, GPUs too; `cpu`: here alone. */
  runsOn: 'engine' | 'cpu'
  /** Whether one epoch is all there is: a closed form, or a count. Then no epoch is searched for. */
  oneEpoch: boolean
  /** Shapes of the weights: a file that holds others is refused. */
  shapes(options: Options, userCount: number, itemCount: number): Record<string, number[]>
  /** Decides what options leave to the data. All rows are given, those held out among them. */
  settle?(options: Options, ratings: CsrMatrix): Options
  /** What a weight has a row for each of; a model that tells it can begin with an earlier run's weights. */
  axisOf?(weight: string): 'users' | 'items' | undefined
  /**
   * Ranks ranges of users in memory that does not grow with their number; undefined where the engine cannot.
   *
   * @param ratings all rows that the model was fitted on, `[users, items]`
   */
  rankRanges?(input: {
    options: Options
    ratings: CsrMatrix
    engine: Engine
    weights: WeightReader
  }): Promise<RangeRanker> | undefined
  /** @throws NightjarError where the data is too large for it */
  create(input: ModelInput<Options>): Promise<Model>
}
