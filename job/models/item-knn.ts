import { z } from 'zod'
import { rowOf } from '../data/csr-matrix.ts'
import { topKOfScores } from '../engine/top-k.ts'
import { listLength, type NeighbourLists, neighbourLists, type SimilarityOptions } from './item-similarity.ts'
import type { ModelKind } from './model.ts'

/**
 * ItemKNN: items like those that a user has.
 *
 *   score(u, j) = sum over u's items i that are among j's neighbours of s(j, i)
 *
 * The neighbours of an item are those most similar to it, by the cosine of their columns of R with shrinkage
 * (item-similarity.ts). Their lists are what is learned.
 *
 * @see Sarwar, Karypis, Konstan, Riedl: Item-Based Collaborative Filtering Recommendation Algorithms, WWW 2001
 * @see Deshpande, Karypis: Item-Based Top-N Recommendation Algorithms, ACM TOIS 22(1), 2004 (users of unit length)
 */
export const itemKnnKind: ModelKind<SimilarityOptions> = {
  name: 'item-knn',
  about: 'the most similar items by cosine (Sarwar and others, WWW 2001; Deshpande, Karypis, TOIS 2004)',
  options: z.strictObject({
    neighbours: z.number().int().min(1).max(10_000),
    shrinkage: z.number().min(0),
    userWeighting: z.enum(['none', 'unit', 'idf']),
    asymmetry: z.number().min(0).max(1),
  }),
  defaults: { neighbours: 200, shrinkage: 10, userWeighting: 'none', asymmetry: 0.5 },
  space: {
    neighbours: { values: [20, 50, 100, 200, 500, 1000] },
    shrinkage: { values: [0, 1, 3, 10, 30, 100] },
    userWeighting: { values: ['none', 'unit', 'idf'] },
    asymmetry: { from: 0.2, to: 0.8, by: 'linear' },
  },
  runsOn: 'cpu',
  oneEpoch: true,
  shapes({ neighbours }, _userCount, itemCount) {
    const shape = [itemCount, listLength(neighbours, itemCount)]
    return { neighbours: shape, similarities: shape }
  },
  async create({ options, ratings, state }) {
    const itemCount = ratings.columnCount
    const shape = [itemCount, listLength(options.neighbours, itemCount)]
    let step = state?.step ?? 0
    let lists: NeighbourLists = {
      items: state?.weights.neighbours.data ?? new Float32Array(shape[0] * shape[1]),
      similarities: state?.weights.similarities.data ?? new Float32Array(shape[0] * shape[1]),
    }
    let nearby = byNeighbour(lists, itemCount)
    const scores = (users: Uint32Array): Float32Array => {
      const all = new Float32Array(users.length * itemCount)
      for (let row = 0; row < users.length; row++) {
        const own = all.subarray(row * itemCount, (row + 1) * itemCount)
        for (const i of rowOf(ratings, users[row])) {
          for (let p = nearby.offsets[i]; p < nearby.offsets[i + 1]; p++) {
            own[nearby.items[p]] += nearby.similarities[p]
          }
        }
      }
      return all
    }
    return {
      async epoch(_epoch, watch) {
        lists = await neighbourLists(ratings, options, (done, of) => watch(done, of, 0))
        nearby = byNeighbour(lists, itemCount)
        step++
        return 0
      },
      scores: async (users) => scores(users),
      topK: async (users, k, masked) => topKOfScores(scores(users), users, k, masked),
      state: async () => ({
        step,
        weights: {
          neighbours: { shape, data: lists.items.slice() },
          similarities: { shape, data: lists.similarities.slice() },
        },
        memory: {},
      }),
      close() {},
    }
  },
}

/** The lists the other way round: for each item i, whose neighbour it is. Only a user's own items are then gone through. */
function byNeighbour({ items, similarities }: NeighbourLists, itemCount: number) {
  const kept = items.length / itemCount
  const offsets = new Uint32Array(itemCount + 1)
  for (let p = 0; p < items.length; p++) if (similarities[p] > 0) offsets[items[p] + 1]++
  for (let i = 0; i < itemCount; i++) offsets[i + 1] += offsets[i]
  const next = offsets.slice(0, itemCount)
  const inverted = {
    offsets,
    items: new Uint32Array(offsets[itemCount]),
    similarities: new Float32Array(offsets[itemCount]),
  }
  for (let p = 0; p < items.length; p++) {
    if (!(similarities[p] > 0)) continue
    const at = next[items[p]]++
    inverted.items[at] = Math.floor(p / kept)
    inverted.similarities[at] = similarities[p]
  }
  return inverted
}
