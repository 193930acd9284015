import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { adamStepSize, type ModelSpec } from '../model-spec.ts'
import { type ParameterName, parameterNames } from '../model-state.ts'
import type { BackendOps } from './backend-ops.ts'
import type { Weights } from './gradients.ts'

/**
 * Adam as TensorFlow has it: epsilon outside the bias correction, which is folded into the step size. tfjs's own
 * optimizer has it inside.
 *
 *   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= rate m / (sqrt(v) + epsilon)
 *
 * with g = gradient + l2 w; the item factor has no l2. Every weight moves at every step.
 */
export class Adam {
  readonly #ops: BackendOps
  readonly #spec: ModelSpec
  /** Factors that never change: on the device once, not once an operation. */
  readonly #scalars: Record<'beta1' | 'rest1' | 'beta2' | 'rest2' | 'epsilon' | 'l2', Scalar>
  first: Weights
  second: Weights
  /** Updates so far. */
  step: number

  constructor(ops: BackendOps, spec: ModelSpec, step: number, moments: { first: Weights; second: Weights }) {
    this.#ops = ops
    this.#spec = spec
    this.step = step
    this.first = moments.first
    this.second = moments.second
    const { beta1, beta2, epsilon } = spec.adam
    const scalar = (value: number) => ops.tf.scalar(value)
    this.#scalars = {
      beta1: scalar(beta1),
      rest1: scalar(1 - beta1),
      beta2: scalar(beta2),
      rest2: scalar(1 - beta2),
      epsilon: scalar(epsilon),
      l2: scalar(spec.l2),
    }
  }

  /** The weights after one update. Must run within `tf.tidy`; the moments take care of themselves. */
  update(weights: Weights, gradients: Weights): Weights {
    const { tf } = this.#ops
    this.step++
    const rate = tf.scalar(adamStepSize(this.#spec.adam, this.step))
    const after: Weights = {}
    for (const name of parameterNames) {
      const weight = weights[name]
      if (weight !== undefined) after[name] = this.#updateOne(name, weight, gradients[name] as Tensor, rate)
    }
    return after
  }

  dispose(): void {
    this.#ops.tf.dispose([this.first, this.second, this.#scalars])
  }

  #updateOne(name: ParameterName, weight: Tensor, gradient: Tensor, rate: Scalar): Tensor {
    const { tf } = this.#ops
    const { beta1, rest1, beta2, rest2, epsilon, l2 } = this.#scalars
    const g = name === 'item.factor' ? gradient : tf.add(gradient, tf.mul(weight, l2))
    const m = tf.add(tf.mul(this.first[name] as Tensor, beta1), tf.mul(g, rest1))
    const v = tf.add(tf.mul(this.second[name] as Tensor, beta2), tf.mul(tf.square(g), rest2))
    tf.dispose([this.first[name] as Tensor, this.second[name] as Tensor])
    this.first[name] = tf.keep(m)
    this.second[name] = tf.keep(v)
    return tf.sub(weight, tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon)))
  }
}
