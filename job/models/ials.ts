import * as z from 'zod'
import { factorModel, factorShapes } from './factor-model.ts'
import type { ModelKind } from './model.ts'

export interface IalsOptions {
  factors: number
  /**
   * Weight of an unobserved cell, where an observed one has 1. Hu, Koren and Volinsky weigh them 1 and 1 + alpha: the same
   * with unobserved = 1 / (1 + alpha) and their lambda divided by (1 + alpha).
   */
  unobserved: number
  /** Strength of the penalty on a row of mean weight; no 1/2 inside. */
  l2: number
  /** Rendle and others' nu: 0 penalizes all rows alike, 1 in proportion to their weight in the loss. */
  l2Exponent: number
}

/**
 * iALS: matrix factorization over every cell of R, observed or not, with weights.
 *
 *   sum over observed (u, i) of (1 - x_u y_i)^2  +  a sum over all others of (x_u y_i)^2
 *     + l2 [ sum over users of (w_u / mean w)^nu |x_u|^2  +  sum over items of (w_i / mean w)^nu |y_i|^2 ]
 *
 * where w, the weight of a row in the loss, is n_u + a items for a user and n_i + a users for an item. The mean, which is
 * not in the paper, keeps l2 comparable between exponents and between sets of data, and changes no optimum: only the
 * product of the two tables' penalties matters, since what one table is multiplied by the other can be divided by.
 * Given the items, each user's best row is a small linear system, and the other way round: an epoch is one sweep of both,
 * solved exactly ({@link AlsEngine}). Scores are x_u y_i.
 *
 * @see Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008, eq. 3 to 5
 * @see Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation Benchmarks, RecSys 2022:
 *   the frequency in the penalty, and what many factors are worth once it is tuned
 */
export const ialsKind: ModelKind<IalsOptions> = {
  name: 'ials',
  about: 'weighted matrix factorization over every cell (Hu, Koren, Volinsky, ICDM 2008)',
  options: z.strictObject({
    factors: z.number().int().min(1).max(1024),
    unobserved: z.number().positive().max(1),
    l2: z.number().positive(),
    l2Exponent: z.number().min(0).max(1),
  }),
  defaults: { factors: 128, unobserved: 0.05, l2: 4, l2Exponent: 1 },
  // A look at everybody takes as long as several sweeps.
  training: { epochs: 16, evalEvery: 4, patience: 8 },
  space: {
    factors: { values: [64, 128, 256, 512] },
    unobserved: { from: 0.003, to: 0.5, by: 'log' },
    l2: { from: 0.01, to: 30, by: 'log' },
    l2Exponent: { values: [0, 0.5, 1] },
  },
  runsOn: 'cpu',
  oneEpoch: false,
  shapes: factorShapes,
  create: (input) => factorModel(input, input.options),
}
