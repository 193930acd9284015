import { selectTopK } from '../../shared/top-k.ts'
import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'

/** The neighbours of every item, best first. An item with fewer has itself behind them, with similarity 0. */
export interface NeighbourLists {
  /** Item indexes, exact in float32, `[items, neighbours]` */
  items: Float32Array
  /** `[items, neighbours]` */
  similarities: Float32Array
}

/** Neighbours of a list: as many as an item can have. */
export function listLength(neighbours: number, itemCount: number): number {
  return Math.max(1, Math.min(neighbours, itemCount - 1))
}

/**
 * The items that are most similar to each one, among those that it has users in common with. One item at a time, in float64,
 * over the rows of its users: n_u^2 operations for every user, and room for one row of similarities beside the lists.
 *
 * @param userWeights what a user counts in what two items have in common, `[users]`
 * @param similarity  s(j, i), more than 0, where `common` is the sum of the weights of the users with both
 * @param kept        neighbours of a list
 * @param watch       called after each hundredth of the items
 */
export async function nearestItems(
  ratings: CsrMatrix,
  userWeights: Float64Array,
  similarity: (common: number, j: number, i: number) => number,
  kept: number,
  watch: (done: number, of: number) => Promise<void>,
): Promise<NeighbourLists> {
  const itemCount = ratings.columnCount
  const { rowOffsets, columns } = ratings
  const raters = transpose(ratings)
  const lists = {
    items: new Float32Array(itemCount * kept),
    similarities: new Float32Array(itemCount * kept),
  }
  const common = new Float64Array(itemCount)
  const similarities = new Float32Array(itemCount)
  const share = Math.ceil(itemCount / 100)
  for (let item = 0; item < itemCount; item++) {
    common.fill(0)
    for (let p = raters.rowOffsets[item]; p < raters.rowOffsets[item + 1]; p++) {
      const user = raters.columns[p]
      const weight = userWeights[user]
      for (let q = rowOffsets[user]; q < rowOffsets[user + 1]; q++) common[columns[q]] += weight
    }
    // Whoever has nothing in common is no neighbour; nor is an item its own.
    common[item] = 0
    for (let other = 0; other < itemCount; other++) {
      similarities[other] =
        common[other] === 0 ? Number.NEGATIVE_INFINITY : similarity(common[other], item, other)
    }
    const best = selectTopK(similarities, kept)
    lists.items.fill(item, item * kept, (item + 1) * kept)
    lists.items.set(best.items, item * kept)
    lists.similarities.set(best.scores, item * kept)
    if ((item + 1) % share === 0) await watch((item + 1) / share, Math.ceil(itemCount / share))
  }
  return lists
}
