/** What an engine must know of a model: which parts it has, how it is trained. */
export interface ModelSpec {
  /** Encodes a user's row of R, decodes scores of all items. */
  userComponent: boolean
  /** Encodes an item's column of R, decodes scores of all users. */
  itemComponent: boolean
  /** A learned vector per user on the user component's hidden layer (CDAE's V_u). */
  userVector: boolean
  /**
   * Of a user's row, the share of cells that a training step leaves out of the user component's input, in [0, 1). Whoever
   * makes the blocks draws them; scores are of whole rows.
   */
  userCorruption: number
  /** A learned factor per item on the item component's hidden layer (the paper's `f`). */
  itemFactor: boolean
  loss: 'hinge' | 'mse' | 'bpr'
  /** The hinge's required lead, in score units. */
  margin: number
  /** Hidden units of each component. */
  hidden: number
  /** Strength of `l2 / 2 * sum of squares` over all weights and biases, the item factor left out. */
  l2: number
  adam: AdamOptions
}

export interface AdamOptions {
  learningRate: number
  beta1: number
  beta2: number
  /** Outside the bias correction, as TensorFlow has it. */
  epsilon: number
}

/**
 * The step size of update `step` (from 1), bias correction included:
 * `learningRate * sqrt(1 - beta2^step) / (1 - beta1^step)`.
 *
 * The powers are found by squaring, for Math.pow may round differently on another machine.
 */
export function adamStepSize(adam: AdamOptions, step: number): number {
  return (adam.learningRate * Math.sqrt(1 - power(adam.beta2, step))) / (1 - power(adam.beta1, step))
}

function power(base: number, exponent: number): number {
  let result = 1
  let square = base
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square
    square *= square
  }
  return result
}
