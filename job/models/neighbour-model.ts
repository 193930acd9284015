import { rowOf } from '../data/csr-matrix.ts'
import { topKOfScores } from '../engine/top-k.ts'
import type { Model, ModelInput } from './model.ts'
import { listLength, type NeighbourLists } from './nearest-items.ts'

interface NeighbourOptions {
  /** Neighbours that an item keeps. */
  neighbours: number
}

export function neighbourShapes({ neighbours }: NeighbourOptions, _userCount: number, itemCount: number) {
  const shape = [itemCount, listLength(neighbours, itemCount)]
  return { neighbours: shape, similarities: shape }
}

/**
 * A model of items' neighbours: an item's score is the sum of its similarities to what the user has, as far as that is among its neighbours.
 * Their lists are what is learned, in one epoch.
 *
 * @param find the lists of all items; called by an epoch
 */
export function neighbourModel(
  { options, ratings, state }: ModelInput<NeighbourOptions>,
  find: (watch: (done: number, of: number) => Promise<void>) => Promise<NeighbourLists>,
): Model {
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
      lists = await find((done, of) => watch(done, of, 0))
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
