import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { ModelSpec } from './model-spec.ts'
import type { ModelState, ParameterName } from './model-state.ts'
import type { Ranker } from './top-k.ts'

/**
 * Something that can train and score the autoencoder family: the float64 `reference` that defines what is
 * right, and the fast ones that are tested against it.
 */
export interface Engine {
  readonly name: string
  readonly threads: number
  /** The backend of tfjs that it computes on, where it is tfjs. */
  readonly backend?: string
  /** What that backend computes on: a GPU's name, or `CPU`. */
  readonly device?: string
  /**
   * Prepares a model for the ratings `[users, items]` that are its input, with the weights of `state`.
   *
   * @throws NightjarError ENGINE_MEMORY where it does not fit
   */
  create(spec: ModelSpec, ratings: CsrMatrix, state: ModelState): Promise<EngineModel>
  /**
   * Prepares a model for ranking alone, which holds the weights of some users at a time and gives the bits of the whole
   * one. Absent where the engine cannot.
   *
   * @param raters  by whom each item was rated, of all users. `[items, users]`
   * @param weights read while it is prepared, and at each `take`
   */
  rankRanges?(spec: ModelSpec, raters: CsrMatrix, weights: WeightReader): Promise<RangeRanker>
}

/** Weights that lie elsewhere. */
export interface WeightReader {
  /**
   * A parameter, or some rows of it; empty where the model has no such part.
   *
   * @param rows of a parameter with a row for each user
   */
  read(name: ParameterName, rows?: { first: number; count: number }): Promise<Float32Array>
}

/** Ranks consecutive users, whose weights alone it holds. */
export interface RangeRanker extends Ranker {
  /**
   * Goes over to the users from `first` on, as many as `ratings` has rows. In `topK`, and in the mask that it is given,
   * index 0 is then user `first`.
   *
   * @param ratings the rows of those users. `[range, items]`
   */
  take(first: number, ratings: CsrMatrix): Promise<void>

  /** Frees what the engine holds. */
  close(): void
}

/** A model in an engine. One call at a time: whoever asks waits for the answer before asking again. */
export interface EngineModel extends Ranker {
  /**
   * One update by one block: encode, decode the sampled cells, backward, Adam.
   *
   * @param meanwhile called once, while the engine's other threads or its device work: the place to prepare the
   *   next block
   * @returns the block's loss before the update: summed over its pairs, without the L2 term
   */
  step(block: Block, meanwhile?: () => void): Promise<number>

  /** Scores of every item for some users, `[users, items]`, valid until the next call. */
  scores(users: Uint32Array): Promise<Float32Array>

  /** A copy of the weights and of the optimizer's memory. */
  state(): Promise<ModelState>

  /** Frees what the engine holds. */
  close(): void
}

/**
 * A mini-batch: `users` x `items`, and the cells that are decoded in it.
 *
 * Pair `p` of local user `u` (`pairOffsets[u] <= p < pairOffsets[u + 1]`) is the observed cell
 * `(u, cells[2 p])` against the unobserved cell `(u, cells[2 p + 1])`.
 */
export interface Block {
  /** Global indexes, each once. `[batchUsers]` */
  users: Uint32Array
  /** Global indexes, each once. `[batchItems]` */
  items: Uint32Array
  /** `[batchUsers + 1]` */
  pairOffsets: Uint32Array
  /** Local item indexes: positive, negative, positive, negative, ... `[2 pairs]` */
  cells: Uint32Array
  /** What the user component reads of these users. Their rows of R where it is absent. */
  userInput?: CorruptedInput
}

/** Rows of R with some cells left out, and what makes up for them. */
export interface CorruptedInput {
  /** The cells that are left: a row for each user of the block, all items. `[batchUsers, items]` */
  kept: CsrMatrix
  /** What such a cell counts instead of 1. */
  scale: number
}
