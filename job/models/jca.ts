import * as z from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { ModelSpec } from '../engine/model-spec.ts'
import { autoencoderKind } from './autoencoder.ts'
import { fullSweep } from './full-sweep.ts'
import { count, hiddenUnits, learningRate, strength, tensorflowAdam } from './option-schemas.ts'

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
 * The equations are in docs/maths.md; `engine/reference/reference-engine.ts` is them as plain loops. The paper's variants
 * are options: JCA-MSE and JCA-BPR by `loss`, JCA-NF by `itemFactor`.
 *
 * @see Zhu, Wang, Caverlee: Improving Top-K Recommendation via Joint Collaborative Autoencoders, WWW 2019
 */
export interface JcaOptions {
  /** Hidden units of each component. */
  hidden: number
  /** What a pair of an observed and an unobserved cell costs. */
  loss: 'hinge' | 'mse' | 'bpr'
  /** The hinge's required lead, in score units (the paper's d). */
  margin: number
  /** The learned factor of each item (the paper's f). */
  itemFactor: boolean
  /** The paper's lambda; the 1/2 is inside: `l2 / 2 * sum of squares`. Null: {@link l2PerPair} decides. */
  l2: number | null
  learningRate: number
  /** Users and items of a mini-batch. */
  batchUsers: number
  batchItems: number
}

/** What makes the spec; the variants' options may be left out. */
type JcaShape = Pick<JcaOptions, 'hidden' | 'margin' | 'learningRate'> &
  Partial<Pick<JcaOptions, 'loss' | 'itemFactor'>> & { l2: number }

export function jcaSpec({
  hidden,
  loss = 'hinge',
  margin,
  itemFactor = true,
  l2,
  learningRate,
}: JcaShape): ModelSpec {
  return {
    userComponent: true,
    itemComponent: true,
    userVector: false,
    userCorruption: 0,
    itemFactor,
    loss,
    margin,
    hidden,
    l2,
    adam: tensorflowAdam(learningRate),
  }
}

/**
 * L2 for each pair of a mean block. The pair loss is summed over a block, the L2 term is not: the same lambda
 * weighs more the fewer pairs a block has (MovieLens 1M has twenty-seven times as many as Video Games). This
 * carries one value over.
 */
const l2PerPair = 3e-7

const sampler = ({ batchUsers, batchItems }: JcaOptions) => fullSweep(batchUsers, batchItems)

/**
 * The defaults were chosen on validation alone (docs/log.md). The paper's settings overfit within forty epochs;
 * larger blocks and a lower rate take more of them and end higher, in less time.
 */
export const jcaKind = autoencoderKind<JcaOptions>({
  name: 'jca',
  about: 'two autoencoders, of users and of items, trained as one (Zhu, Wang, Caverlee, WWW 2019)',
  options: z.strictObject({
    hidden: hiddenUnits,
    loss: z.enum(['hinge', 'mse', 'bpr']).default('hinge'),
    margin: z.number().positive(),
    itemFactor: z.boolean().default(true),
    l2: strength.nullable(),
    learningRate,
    batchUsers: count,
    batchItems: count,
  }),
  defaults: {
    hidden: 160,
    loss: 'hinge',
    margin: 0.15,
    itemFactor: true,
    l2: null,
    learningRate: 0.001,
    batchUsers: 3200,
    batchItems: 3200,
  },
  training: { epochs: 600, evalEvery: 5, patience: 30 },
  // And its authors' code: 200 epochs, the last one counts.
  paper: {
    options: { l2: 0.001, learningRate: 0.003, batchUsers: 1500, batchItems: 1500 },
    training: { epochs: 200, patience: 0, holdout: 0 },
  },
  space: {
    hidden: { values: [40, 80, 120, 160, 200, 240] },
    l2: { values: [0.5, 0.1, 0.05, 0.01, 0.005, 0.001] },
    learningRate: { from: 0.0003, to: 0.01, by: 'log' },
  },
  settle: (options, ratings) => ({ ...options, l2: options.l2 ?? l2Of(options, ratings) }),
  spec: (options) => {
    const { l2 } = options
    if (l2 === null) throw new Error('options that leave something to the data were not settled')
    return jcaSpec({ ...options, l2 })
  },
  sampler,
})

function l2Of(options: JcaOptions, ratings: CsrMatrix): number {
  return (l2PerPair * ratings.columns.length) / sampler(options).blockCount(ratings)
}
