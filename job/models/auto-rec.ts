import * as z from 'zod'
import type { ModelSpec } from '../engine/model-spec.ts'
import { autoencoderKind } from './autoencoder.ts'
import { fullSweep } from './full-sweep.ts'
import type { ModelKind } from './model.ts'
import { count, hiddenUnits, learningRate, strength, tensorflowAdam } from './option-schemas.ts'

/**
 * AutoRec, one autoencoder over one side of the rating matrix: U-AutoRec encodes users' rows, I-AutoRec items' columns.
 *
 *   R^ = sigma(sigma(R V + b1) W + b2)       and with R^T in R's place for items
 *
 * Trained as in the JCA paper: squared errors of the observed cells and of as many drawn unobserved ones.
 *
 * @see Sedhain, Menon, Sanner, Xie: AutoRec: Autoencoders Meet Collaborative Filtering, WWW 2015
 */
export interface AutoRecOptions {
  hidden: number
  /** `l2 / 2 * sum of squares`. */
  l2: number
  learningRate: number
  /** Rows of a mini-batch: users of U-AutoRec, items of I-AutoRec; the other side is whole. */
  batch: number
}

export function autoRecSpec(side: 'user' | 'item', { hidden, l2, learningRate }: AutoRecOptions): ModelSpec {
  return {
    userComponent: side === 'user',
    itemComponent: side === 'item',
    userVector: false,
    userCorruption: 0,
    itemFactor: false,
    loss: 'mse',
    margin: 0,
    hidden,
    l2,
    adam: tensorflowAdam(learningRate),
  }
}

export function autoRecKind(side: 'user' | 'item'): ModelKind<AutoRecOptions> {
  return autoencoderKind<AutoRecOptions>({
    name: `${side[0]}-autorec`,
    about: `one autoencoder over ${side}s (Sedhain and others, WWW 2015)`,
    options: z.strictObject({ hidden: hiddenUnits, l2: strength, learningRate, batch: count }),
    defaults: { hidden: 160, l2: 0.05, learningRate: 0.001, batch: 256 },
    training: { epochs: 300, evalEvery: 5, patience: 30 },
    paper: { options: { learningRate: 0.003 }, training: { epochs: 200, patience: 0, holdout: 0 } },
    space: {
      hidden: { values: [40, 80, 120, 160, 200, 240] },
      l2: { values: [0.5, 0.1, 0.05, 0.01, 0.005, 0.001] },
      learningRate: { from: 0.0003, to: 0.01, by: 'log' },
    },
    spec: (options) => autoRecSpec(side, options),
    sampler: ({ batch }, { rowCount, columnCount }) =>
      side === 'user' ? fullSweep(batch, columnCount) : fullSweep(rowCount, batch),
  })
}
