import * as z from 'zod'
import { scoresByRows, topKByRows } from '../engine/sampled/score-rows.ts'
import { TowerEngine } from '../engine/sampled/tower-engine.ts'
import { TowerScores } from '../engine/sampled/tower-scores.ts'
import { towerShapes } from '../engine/sampled/tower-tables.ts'
import type { ModelKind } from './model.ts'

// He, Liao, Zhang, Nie, Hu, Chua: Neural Collaborative Filtering, WWW 2017: NeuMF, which joins a generalized matrix
// factorization with a perceptron, each with embeddings of its own. Zhu et al., WWW 2019, speak of "four hidden layers" of 64,
// 32, 16 and 8 neurons; in He's program, where these numbers are, the 64 are two embeddings of 32 side by side. So it is here.
//
//   x_0 = [p_u, q_i];  x_l = max(0, x_(l-1) W_l + b_l), l = 1 to 3, each half as long as the one before
//   s_ui = h . [g_u * c_i, x_3] + b
//   loss = sum over observed (u, i) of -ln sigma(s_ui) + sum over sampled, unobserved (u, j) of -ln sigma(-s_uj)
//          + l2 / 2 times the squares of g_u and c_i, l2Perceptron / 2 times those of p_u and q_i, of each sample
//
// All of it is fitted at once, by Adam, and begins as matrix factorization: h is 0 where it reads x_3. He fits the two
// parts first, each alone, and then joins them.

const ncfOptions = z.strictObject({
  /** Length of an embedding of the matrix factorization. */
  factors: z.int().min(4).max(4096).multipleOf(4),
  /** Length of an embedding of the perceptron: two of them go into its first layer. */
  embedding: z.int().min(32).max(1024).multipleOf(32),
  learningRate: z.number().positive().max(1),
  /** Of the factors that a sample touches, at each touch; the 1/2 is inside. */
  l2: z.number().min(0).max(10),
  /** The same for embeddings of the perceptron. */
  l2Perceptron: z.number().min(0).max(10),
  negativesPerPositive: z.int().min(1).max(100),
  /** Observed cells of a step. */
  batchCells: z.int().min(1).max(1_000_000),
})
export type NcfOptions = z.infer<typeof ncfOptions>

export const ncfKind: ModelKind<NcfOptions> = {
  name: 'ncf',
  about: 'neural collaborative filtering: matrix factorization beside a perceptron (He et al., WWW 2017)',
  options: ncfOptions,
  defaults: {
    factors: 64,
    embedding: 32,
    learningRate: 0.001,
    l2: 0.06,
    l2Perceptron: 0.3,
    negativesPerPositive: 4,
    batchCells: 1500,
  },
  training: { epochs: 40, evalEvery: 2 },
  space: {
    factors: { values: [32, 64, 128] },
    learningRate: { from: 0.0005, to: 0.005, by: 'log' },
    l2: { from: 0.01, to: 0.3, by: 'log' },
    l2Perceptron: { from: 0.03, to: 3, by: 'log' },
    negativesPerPositive: { values: [1, 4, 8] },
  },
  runsOn: 'cpu',
  oneEpoch: false,
  shapes: towerShapes,
  async create({ options, ratings, seed, state }) {
    const engine = await TowerEngine.create(ratings, options, seed, state)
    const scorer = new TowerScores(engine, ratings.columnCount)
    let isLoaded = false
    const loaded = (): TowerScores => {
      if (!isLoaded) scorer.load()
      isLoaded = true
      return scorer
    }
    return {
      async epoch(epoch, watch) {
        isLoaded = false
        let sum = 0
        let step = 0
        for (const { loss, steps } of engine.epoch(epoch)) {
          sum += loss
          await watch(++step, steps, sum)
        }
        return sum
      },
      scores: async (users) => scoresByRows(loaded(), users),
      topK: async (users, k, masked) => topKByRows(loaded(), users, k, masked),
      state: async () => engine.state(),
      close() {},
    }
  },
}
