import * as z from 'zod'
import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'
import { FoldInEngine } from '../engine/fold-in/fold-in-engine.ts'
import type { FoldInState } from '../engine/fold-in/fold-in-tables.ts'
import type { FoldInWeights } from '../engine/fold-in/fold-in-weights.ts'
import type { FitState, Model, ModelKind, Tensors } from './model.ts'
import { hiddenUnits, learningRate } from './option-schemas.ts'

/**
 * A half of JCA that stands alone: an autoencoder over rows of the rating matrix, or over its columns, with a loss of its own
 * over every cell.
 *
 *   h_r = tanh(b1 + sum over the n entries c of the row of V_c / sqrt(n))
 *   s_rc = b2_c + h_r W_c
 *   sum over observed cells of (1 - s)^2  +  unobserved * sum over all others of s^2  +  l2 * sum of squares
 *
 * JCA's own halves share one loss on a few sampled cells, and are poor alone. Here no cell is sampled: the second sum is a
 * product of two small matrices ({@link FoldInEngine}).
 *
 * @see Zhu, Wang, Caverlee, WWW 2019 (the two components); Hu, Koren, Volinsky, ICDM 2008 (the loss)
 */
export interface WeightedAutoencoderOptions {
  hidden: number
  /** Weight of an unobserved cell's square, where an observed one has 1. */
  unobserved: number
  /** Share of a row's entries that is left out of the input, drawn anew in each epoch. */
  dropout: number
  /** Of all weights and biases, no 1/2 inside. Null: {@link l2PerRootOfPairs} decides. */
  l2: number | null
  learningRate: number
}

/**
 * L2 for the square root of a column's mean number of pairs: 20 on MovieLens 1M, where 10 and 40 are worse by 2 %, and 6.5
 * on Video Games, where 20 is worse by 10 %.
 */
const l2PerRootOfPairs = 1.7

export const userAutoencoderKind = weightedAutoencoderKind('user')
export const itemAutoencoderKind = weightedAutoencoderKind('item')

type Settled = WeightedAutoencoderOptions & { l2: number }

/** A kind whose options can be settled apart from a training: the fold-in component is settled as the user half is. */
type WeightedAutoencoderKind = Omit<ModelKind<WeightedAutoencoderOptions>, 'settle'> & {
  settle(options: WeightedAutoencoderOptions, ratings: CsrMatrix): Settled
}

function weightedAutoencoderKind(side: 'user' | 'item'): WeightedAutoencoderKind {
  const encoded = (ratings: CsrMatrix) => (side === 'user' ? ratings : transpose(ratings))
  return {
    name: `${side}-autoencoder`,
    about: `JCA's ${side} half alone, weighted squares over every cell (Hu, Koren, Volinsky, ICDM 2008)`,
    options: z.strictObject({
      hidden: hiddenUnits,
      unobserved: z.number().positive().max(1),
      dropout: z.number().min(0).max(0.95),
      l2: z.number().nonnegative().nullable(),
      learningRate,
    }),
    defaults: { hidden: 160, unobserved: 0.2, dropout: 0.5, l2: null, learningRate: 0.003 },
    training: { epochs: 150, evalEvery: 5, patience: 20 },
    space: {
      unobserved: { from: 0.02, to: 0.5, by: 'log' },
      dropout: { values: [0.3, 0.5, 0.7] },
      l2: { from: 2, to: 60, by: 'log' },
      learningRate: { from: 0.001, to: 0.01, by: 'log' },
    },
    runsOn: 'cpu',
    oneEpoch: false,
    shapes: ({ hidden }, userCount, itemCount) => {
      const columns = side === 'user' ? itemCount : userCount
      return {
        encoder: [columns, hidden],
        hiddenBias: [hidden],
        decoder: [columns, hidden],
        outputBias: [columns],
      }
    },
    settle(options, ratings) {
      const columns = side === 'user' ? ratings.columnCount : ratings.rowCount
      return { ...options, l2: options.l2 ?? l2PerRootOfPairs * Math.sqrt(ratings.columns.length / columns) }
    },
    async create(input) {
      const { options, ratings, seed, threads, state } = input
      const { l2 } = options
      if (l2 === null) throw new Error('options that leave something to the data were not settled')
      const rows = encoded(ratings)
      const batchUsers = rowsOfStep(rows.rowCount)
      const engine = await FoldInEngine.create(rows, { ...options, l2, seed, batchUsers }, threads)
      if (state !== undefined) engine.load(engineState(state, rows.columnCount, options.hidden))
      return side === 'user' ? userModel(engine) : itemModel(engine, rows.rowCount)
    },
  }
}

/** At least some steps an epoch on little data, and no more rows than it takes to use the Gram matrices well. */
const rowsOfStep = (rows: number) => Math.max(64, Math.min(1000, Math.ceil(rows / 8)))

function userModel(engine: FoldInEngine): Model {
  return {
    ...fitted(engine, () => {}),
    scores: async (users) => engine.scores(users),
    topK: (users, k, masked) => engine.topK(users, k, masked),
  }
}

/** A user's scores need the hidden layers of all items: they are kept until the weights change. */
function itemModel(engine: FoldInEngine, itemCount: number): Model {
  let layers: Float32Array | undefined
  const kept = () => {
    layers ??= engine.hidden(Uint32Array.from({ length: itemCount }, (_, item) => item))
    return layers
  }
  return {
    ...fitted(engine, () => {
      layers = undefined
    }),
    scores: async (users) => engine.scoresOfColumns(users, kept()),
    topK: async (users, k, masked) => engine.topKOfColumns(users, kept(), k, masked),
  }
}

function fitted(engine: FoldInEngine, changed: () => void): Pick<Model, 'epoch' | 'state' | 'close'> {
  return {
    async epoch(epoch, watch) {
      changed()
      return engine.epoch(epoch, watch)
    },
    state: async () => fitState(engine.state()),
    close: () => engine.close(),
  }
}

const tableNames = ['encoder', 'hiddenBias', 'decoder', 'outputBias'] as const

function fitState({ step, weights, first, second }: FoldInState): FitState {
  return {
    step,
    weights: tensors('', weights),
    memory: { ...(first && tensors('adam.first/', first)), ...(second && tensors('adam.second/', second)) },
  }
}

function tensors(prefix: string, weights: FoldInWeights): Tensors {
  const { items, hidden } = weights
  const shapes = {
    encoder: [items, hidden],
    hiddenBias: [hidden],
    decoder: [items, hidden],
    outputBias: [items],
  }
  return Object.fromEntries(
    tableNames.map((name) => [`${prefix}${name}`, { shape: shapes[name], data: weights[name] }]),
  )
}

/** The weights of a fitted {@link userAutoencoderKind}, as the fold-in component has them. */
export function autoencoderTables({ weights }: FitState, items: number, hidden: number): FoldInWeights {
  return tablesOf(weights, '', items, hidden)
}

function tablesOf(from: Tensors, prefix: string, items: number, hidden: number): FoldInWeights {
  const [encoder, hiddenBias, decoder, outputBias] = tableNames.map((name) => from[`${prefix}${name}`].data)
  return { items, hidden, encoder, hiddenBias, decoder, outputBias }
}

function engineState({ step, weights, memory }: FitState, items: number, hidden: number): FoldInState {
  const read = (from: Tensors, prefix: string) => tablesOf(from, prefix, items, hidden)
  const has = (prefix: string) => `${prefix}encoder` in memory
  return {
    step,
    weights: read(weights, ''),
    ...(has('adam.first/') && { first: read(memory, 'adam.first/') }),
    ...(has('adam.second/') && { second: read(memory, 'adam.second/') }),
  }
}
