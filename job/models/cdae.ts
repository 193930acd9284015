import * as z from 'zod'
import { type AutoRecOptions, autoRecSpec } from './auto-rec.ts'
import { autoencoderKind } from './autoencoder.ts'
import { fullSweep } from './full-sweep.ts'
import { count, hiddenUnits, learningRate, strength } from './option-schemas.ts'
import { uAutoRecKind } from './u-autorec.ts'

/**
 * CDAE, the Collaborative Denoising Auto-Encoder: U-AutoRec that is given rows with cells left out, and has a vector for
 * each user beside them.
 *
 *   R^_u = sigma(sigma(x_u V + v_u + b1) W + b2)       with x_u = R_u corrupted in training, R_u in scoring
 *
 * Loss and negatives are those of the JCA paper, which compares with it.
 *
 * @see Wu, DuBois, Zheng, Ester: Collaborative Denoising Auto-Encoders for Top-N Recommender Systems, WSDM 2016
 */
export interface CdaeOptions extends AutoRecOptions {
  /** Probability that a step leaves an observed cell out of the input (the paper's q); the others count 1 / (1 - q). */
  corruption: number
}

export const cdaeKind = autoencoderKind<CdaeOptions>({
  name: 'cdae',
  about: 'an autoencoder over users with a vector for each, its input corrupted (Wu and others, WSDM 2016)',
  options: z.strictObject({
    hidden: hiddenUnits,
    l2: strength,
    learningRate,
    batch: count,
    corruption: z.number().min(0).lt(1),
  }),
  defaults: { ...uAutoRecKind.defaults, corruption: 0.2 },
  training: { epochs: 300, evalEvery: 5, patience: 30 },
  paper: { options: { learningRate: 0.003 }, training: { epochs: 200, patience: 0, holdout: 0 } },
  space: { ...uAutoRecKind.space, corruption: { values: [0, 0.2, 0.4, 0.6, 0.8] } },
  spec: ({ corruption, ...options }) => ({
    ...autoRecSpec('user', options),
    userVector: true,
    userCorruption: corruption,
  }),
  sampler: ({ batch }, { columnCount }) => fullSweep(batch, columnCount),
})
