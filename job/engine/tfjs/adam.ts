import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { adamStepSize, type ModelSpec } from '../model-spec.ts'
import { type ParameterName, parameterNames } from '../model-state.ts'
import type { AdamTensors, BackendOps } from './backend-ops.ts'
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
    const stepSize = adamStepSize(this.#spec.adam, this.step)
    const rate = tf.scalar(stepSize)
    const after: Weights = {}
    for (const name of parameterNames) {
      const weight = weights[name]
      if (weight === undefined) continue
      const before = {
        weight,
        gradient: gradients[name] as Tensor,
        first: this.first[name] as Tensor,
        second: this.second[name] as Tensor,
      }
      const l2 = name === 'item.factor' ? 0 : this.#spec.l2
      const { beta1, beta2, epsilon } = this.#spec.adam
      const updated =
        this.#ops.adam?.(before, { rate: stepSize, beta1, beta2, epsilon, l2 }) ??
        this.#stock(name, before, rate)
      tf.dispose([before.first, before.second])
      this.first[name] = tf.keep(updated.first)
      this.second[name] = tf.keep(updated.second)
      after[name] = updated.weight
    }
    return after
  }

  dispose(): void {
    this.#ops.tf.dispose([this.first, this.second, this.#scalars])
  }

  /** In operations that every backend has. */
  #stock(name: ParameterName, before: AdamTensors & { gradient: Tensor }, rate: Scalar): AdamTensors {
    const { tf } = this.#ops
    const { beta1, rest1, beta2, rest2, epsilon, l2 } = this.#scalars
    const { weight, gradient } = before
    const g = name === 'item.factor' ? gradient : tf.add(gradient, tf.mul(weight, l2))
    const first = tf.add(tf.mul(before.first, beta1), tf.mul(g, rest1))
    const second = tf.add(tf.mul(before.second, beta2), tf.mul(tf.square(g), rest2))
    const change = tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), epsilon))
    return { weight: tf.sub(weight, change), first, second }
  }
}
