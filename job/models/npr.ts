import * as z from 'zod'
import { FactorScores } from '../engine/sampled/factor-scores.ts'
import { PairEngine, pairShapes } from '../engine/sampled/pair-engine.ts'
import { scoresByRows, topKByRows } from '../engine/sampled/score-rows.ts'
import type { ModelKind } from './model.ts'

// Niu, Caverlee, Lu: Neural Personalized Ranking for Image Recommendation, WSDM 2018, without its contexts (tags, places,
// pictures), as in Zhu et al., WWW 2019, section 5.2: "a neural version of BPR with two GMFs to implement the pairwise
// structure and the BPR objective function".
//
//   s_ui = h . (p_u * q_i)
//   loss = sum over (u, i, j) of -ln sigma(s_ui - s_uj) + l2 / 2 (|p_u|^2 + |q_i|^2 + |q_j|^2)
//
// The two branches share their weights: one is given the observed item, one the other. An output bias would cancel out. By
// Adam on batches, where BPR goes down the gradient pair by pair; the engine has both.

const nprOptions = z.strictObject({
  factors: z.int().min(4).max(4096).multipleOf(4),
  learningRate: z.number().positive().max(1),
  /** Of the embeddings that a pair touches, at each touch; the 1/2 is inside. */
  l2: z.number().min(0).max(10),
  negativesPerPositive: z.int().min(1).max(100),
  /** Observed cells of a step. */
  batchCells: z.int().min(1).max(1_000_000),
})
export type NprOptions = z.infer<typeof nprOptions>

export const nprKind: ModelKind<NprOptions> = {
  name: 'npr',
  about: 'neural personalized ranking: two GMFs under a pairwise loss (Niu et al., WSDM 2018)',
  options: nprOptions,
  defaults: { factors: 64, learningRate: 0.001, l2: 0.1, negativesPerPositive: 1, batchCells: 1500 },
  training: { epochs: 240, evalEvery: 5 },
  space: {
    factors: { values: [32, 64, 128] },
    learningRate: { from: 0.0003, to: 0.003, by: 'log' },
    l2: { from: 0.03, to: 0.3, by: 'log' },
  },
  runsOn: 'cpu',
  oneEpoch: false,
  shapes: pairShapes,
  async create({ options, ratings, seed, state }) {
    const engine = await PairEngine.create(ratings, options, seed, state)
    const scorer = await FactorScores.create(ratings.columnCount, options.factors)
    let isLoaded = false
    const loaded = (): FactorScores => {
      if (!isLoaded) scorer.load(weightedUsers(engine), engine.weights('itemFactors'))
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

/** h * p_u of every user, so that a score is one inner product. */
function weightedUsers(engine: PairEngine): Float32Array {
  const output = engine.weights('output')
  return engine.weights('userFactors').map((value, at) => value * output[at % output.length])
}
