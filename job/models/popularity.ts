import * as z from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import { type Ranker, topKOfScores } from '../engine/top-k.ts'
import type { ModelKind } from './model.ts'

/** How many users have each item, `[items]`. */
export function itemCounts(ratings: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(ratings.columnCount)
  for (const item of ratings.columns) counts[item]++
  return counts
}

/** The most popular items for everybody: what every model must beat, and what an unknown user gets. */
export function popularityRanker(ratings: CsrMatrix): Ranker {
  return rankerBy(Float32Array.from(itemCounts(ratings)))
}

function rankerBy(counts: Float32Array): Ranker {
  return { topK: async (users, k, masked) => topKOfScores(scoresBy(counts, users), users, k, masked) }
}

/** The same scores for each user, `[users, items]`. */
function scoresBy(counts: Float32Array, users: Uint32Array): Float32Array {
  const scores = new Float32Array(users.length * counts.length)
  for (let row = 0; row < users.length; row++) scores.set(counts, row * counts.length)
  return scores
}

/** Popularity as a model among others: the floor of every table. Its weights are the counts. */
export const popularityKind: ModelKind = {
  name: 'popularity',
  about: 'the most popular items for everybody: the floor of every table',
  options: z.strictObject({}),
  defaults: {},
  space: {},
  runsOn: 'cpu',
  oneEpoch: true,
  shapes: (_options, _userCount, itemCount) => ({ counts: [itemCount] }),
  async create({ ratings, state }) {
    const counts = new Float32Array(ratings.columnCount)
    let step = state?.step ?? 0
    if (state !== undefined) counts.set(state.weights.counts.data)
    return {
      ...rankerBy(counts),
      async epoch(_epoch, watch) {
        counts.set(itemCounts(ratings))
        step++
        await watch(1, 1, 0)
        return 0
      },
      scores: async (users) => scoresBy(counts, users),
      state: async () => ({
        step,
        weights: { counts: { shape: [counts.length], data: counts.slice() } },
        memory: {},
      }),
      close() {},
    }
  },
}
