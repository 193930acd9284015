import * as z from 'zod'
import type { AdamOptions } from '../engine/model-spec.ts'

/** What several models' options are checked by. */
export const count = z.number().int().positive()
export const hiddenUnits = count.max(4096)
export const learningRate = z.number().positive()
/** Of an L2 term. */
export const strength = z.number().nonnegative()

/** TensorFlow's defaults, which the authors' code uses. */
export function tensorflowAdam(learningRate: number): AdamOptions {
  return { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
}
