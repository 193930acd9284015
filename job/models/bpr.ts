import * as z from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'
import { sampleCells } from '../data/sample-cells.ts'
import { FactorScores } from '../engine/sampled/factor-scores.ts'
import { scoresByRows, topKByRows } from '../engine/sampled/score-rows.ts'
import type { EpochWatch, ModelKind, Tensors } from './model.ts'

// Rendle, Freudenthaler, Gantner, Schmidt-Thieme: BPR: Bayesian Personalized Ranking from Implicit Feedback, UAI 2009.
//
//   s_ui = b_i + p_u . q_i
//   loss = sum over (u, i, j) of -ln sigma(s_ui - s_uj) + l2 / 2 (|p_u|^2 + |q_i|^2 + |q_j|^2) + l2Bias / 2 (b_i^2 + b_j^2)
//
// over observed cells (u, i), each against unobserved ones (u, j) drawn anew in each epoch, by stochastic gradient descent:
// a step a pair. The paper draws (u, i) with replacement, here every cell has its turn in random order.

const bprOptions = z.strictObject({
  /** Length of p_u and q_i. */
  factors: z.int().min(1).max(4096),
  learningRate: z.number().positive().max(1),
  /** Of the factors that a pair touches, at each touch; the 1/2 is inside. */
  l2: z.number().min(0).max(10),
  /** The same for biases. */
  l2Bias: z.number().min(0).max(10),
  negativesPerPositive: z.int().min(1).max(100),
})
export type BprOptions = z.infer<typeof bprOptions>

/** Of the factors at the start; biases start at 0. */
const startDeviation = 0.1

/** Cells between two looks of whoever watches: some milliseconds. */
const cellsBetweenLooks = 16_384

interface BprWeights {
  userFactors: Float32Array
  itemFactors: Float32Array
  itemBias: Float32Array
}

export const bprKind: ModelKind<BprOptions> = {
  name: 'bpr',
  about: 'matrix factorization for ranking, by sampled pairs (Rendle et al., UAI 2009)',
  options: bprOptions,
  defaults: { factors: 64, learningRate: 0.05, l2: 0.01, l2Bias: 0.01, negativesPerPositive: 1 },
  training: { epochs: 150, evalEvery: 5 },
  space: {
    factors: { values: [32, 64, 128] },
    learningRate: { from: 0.01, to: 0.2, by: 'log' },
    l2: { from: 0.001, to: 0.1, by: 'log' },
  },
  runsOn: 'cpu',
  oneEpoch: false,
  shapes: ({ factors }, userCount, itemCount) => ({
    userFactors: [userCount, factors],
    itemFactors: [itemCount, factors],
    itemBias: [itemCount],
  }),
  async create({ options, ratings, seed, state }) {
    const { rowCount, columnCount } = ratings
    const shapes = bprKind.shapes(options, rowCount, columnCount)
    const weights =
      state === undefined
        ? startingWeights(options.factors, rowCount, columnCount, seed)
        : {
            userFactors: state.weights.userFactors.data.slice(),
            itemFactors: state.weights.itemFactors.data.slice(),
            itemBias: state.weights.itemBias.data.slice(),
          }
    const scorer = await FactorScores.create(columnCount, options.factors)
    let step = state?.step ?? 0
    let isLoaded = false
    const loaded = (): FactorScores => {
      if (!isLoaded) scorer.load(weights.userFactors, weights.itemFactors, weights.itemBias)
      isLoaded = true
      return scorer
    }
    return {
      async epoch(epoch, watch) {
        isLoaded = false
        const loss = await fitPairs(weights, ratings, options, new Random(seed, epoch, 1), watch)
        step += ratings.columns.length
        return loss
      },
      scores: async (users) => scoresByRows(loaded(), users),
      topK: async (users, k, masked) => topKByRows(loaded(), users, k, masked),
      state: async () => ({
        step,
        weights: Object.fromEntries(
          Object.entries(weights).map(([name, data]) => [name, { shape: shapes[name], data: data.slice() }]),
        ) as Tensors,
        memory: {},
      }),
      close() {},
    }
  },
}

function startingWeights(factors: number, userCount: number, itemCount: number, seed: number): BprWeights {
  const drawn = (rows: number, stream: number) => {
    const random = new Random(seed, 0, stream)
    return Float32Array.from({ length: rows * factors }, () => startDeviation * random.truncatedNormal())
  }
  return {
    userFactors: drawn(userCount, 1),
    itemFactors: drawn(itemCount, 2),
    itemBias: new Float32Array(itemCount),
  }
}

async function fitPairs(
  weights: BprWeights,
  ratings: CsrMatrix,
  options: BprOptions,
  random: Random,
  watch: EpochWatch,
): Promise<number> {
  const { users, items } = sampleCells(ratings, options.negativesPerPositive, random)
  const steps = Math.ceil(users.length / cellsBetweenLooks)
  let loss = 0
  for (let step = 1; step <= steps; step++) {
    const begin = (step - 1) * cellsBetweenLooks
    loss += descend(weights, users, items, begin, Math.min(begin + cellsBetweenLooks, users.length), options)
    await watch(step, steps, loss)
  }
  return loss
}

/** A step of gradient descent for each pair of the cells `begin` to `end`; returns their loss without its L2 term. */
export function descend(
  { userFactors, itemFactors, itemBias }: BprWeights,
  users: Uint32Array,
  items: Uint32Array,
  begin: number,
  end: number,
  { factors, learningRate, l2, l2Bias, negativesPerPositive }: BprOptions,
): number {
  const width = 1 + negativesPerPositive
  let loss = 0
  for (let cell = begin; cell < end; cell++) {
    const u = users[cell] * factors
    const positive = items[cell * width]
    const i = positive * factors
    for (let n = 1; n < width; n++) {
      const negative = items[cell * width + n]
      const j = negative * factors
      let lead = itemBias[positive] - itemBias[negative]
      for (let f = 0; f < factors; f++) lead += userFactors[u + f] * (itemFactors[i + f] - itemFactors[j + f])
      // d loss / d lead = -sigma(-lead)
      const push = 1 / (1 + Math.exp(lead))
      // Far below 0 the logarithm's argument would be rounded to 0.
      loss += lead < -30 ? -lead : -Math.log(1 - push)
      for (let f = 0; f < factors; f++) {
        const p = userFactors[u + f]
        const qi = itemFactors[i + f]
        const qj = itemFactors[j + f]
        userFactors[u + f] = p + learningRate * (push * (qi - qj) - l2 * p)
        itemFactors[i + f] = qi + learningRate * (push * p - l2 * qi)
        itemFactors[j + f] = qj + learningRate * (-push * p - l2 * qj)
      }
      itemBias[positive] += learningRate * (push - l2Bias * itemBias[positive])
      itemBias[negative] += learningRate * (-push - l2Bias * itemBias[negative])
    }
  }
  return loss
}
