import type { ModelSpec } from '../engine/model-spec.ts'

/**
 * JCA, the Joint Collaborative Autoencoder: two autoencoders over one rating matrix, trained together.
 *
 * The user component encodes a user's row of R and decodes scores of all items; the item component encodes an
 * item's column and decodes scores of all users, its hidden layer scaled by a learned factor of the item. A
 * cell's score is the mean of both, and a pairwise hinge asks observed cells to lead unobserved ones of the
 * same user by a margin (eq. 2 and 3).
 *
 *   R^ = 1/2 [ sigma(sigma(R V^U + b1^U) W^U + b2^U) + sigma(sigma((R^T V^I + b1^I) o f) W^I + b2^I)^T ]
 *
 * The equations are in docs/maths.md; `engine/reference/reference-engine.ts` is them as plain loops.
 *
 * @see Zhu, Wang, Caverlee: Improving Top-K Recommendation via Joint Collaborative Autoencoders, WWW 2019
 */
export interface JcaOptions {
  /** Hidden units of each component. */
  hidden: number
  /** The hinge's required lead, in score units (the paper's d). */
  margin: number
  /** The paper's lambda; the 1/2 is inside: `l2 / 2 * sum of squares`. */
  l2: number
  learningRate: number
}

export function jcaSpec(options: JcaOptions): ModelSpec {
  return {
    userComponent: true,
    itemComponent: true,
    itemFactor: true,
    loss: 'hinge',
    margin: options.margin,
    hidden: options.hidden,
    l2: options.l2,
    // TensorFlow's defaults, which the authors' code uses.
    adam: { learningRate: options.learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  }
}
