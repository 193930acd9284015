export interface FoldInOptions {
  /** Hidden units, a multiple of 4. */
  hidden: number
  /** Weight of an unobserved cell's square, where an observed one has 1. */
  unobserved: number
  /** Share of a history's items that is left out of the input, drawn anew in each epoch; all are to be found. */
  dropout: number
  /** Strength of `l2 * sum of squares` of all weights and biases, beside the loss of all users. */
  l2: number
  learningRate: number
  /** Users of a step. */
  batchUsers: number
  seed: number
}
