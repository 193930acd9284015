import * as z from 'zod'
import { factorModel, factorShapes } from './factor-model.ts'
import type { ModelKind } from './model.ts'

export interface MfOptions {
  factors: number
  /** Strength of `l2 * sum of squares` of both tables, beside the sum of squared errors; no 1/2 inside. */
  l2: number
}

/**
 * MF, the conventional matrix factorization: squared errors over every cell of R, a zero like a one.
 *
 *   sum over all (u, i) of (R_ui - x_u y_i)^2  +  l2 [ sum over users of |x_u|^2 + sum over items of |y_i|^2 ]
 *
 * Fitted by alternating least squares. It is iALS with one weight for all cells and one penalty for all rows, so that a row
 * has no system of its own to solve: x_u = (Y^T Y + l2 I)^-1 times the sum of its items' rows.
 *
 * @see Koren, Bell, Volinsky: Matrix Factorization Techniques for Recommender Systems, IEEE Computer 42(8), 2009
 * @see Zhu, Wang, Caverlee, WWW 2019, section 5.3: "MF" with a mean squared error, which says no more of it
 */
export const mfKind: ModelKind<MfOptions> = {
  name: 'mf',
  about: 'matrix factorization, every cell alike (Koren, Bell, Volinsky, IEEE Computer 2009)',
  options: z.strictObject({
    factors: z.number().int().min(1).max(1024),
    l2: z.number().positive(),
  }),
  defaults: { factors: 128, l2: 10 },
  training: { epochs: 16, evalEvery: 2, patience: 4 },
  space: {
    factors: { values: [16, 32, 64, 128, 256] },
    l2: { from: 0.1, to: 300, by: 'log' },
  },
  runsOn: 'cpu',
  oneEpoch: false,
  shapes: factorShapes,
  create: (input) => factorModel(input, { ...input.options, unobserved: 1, l2Exponent: 0 }),
}
