import { selectTopK } from '../../shared/top-k.ts'
import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'

/** What a user counts in the similarity of two items that they have. See {@link userWeights}. */
type UserWeighting = 'none' | 'unit' | 'idf'

export interface SimilarityOptions {
  /** Neighbours that an item keeps: those most similar to it. */
  neighbours: number
  /** Added to the denominator of a similarity, so that few common users do not make a high one. */
  shrinkage: number
  userWeighting: UserWeighting
  /** Exponent of the item's own squared norm in the denominator; the neighbour's is 1 less this. 0.5 is the cosine. */
  asymmetry: number
}

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
 * none  w_u = 1
 * unit  w_u = n_u^(-1/2): users' rows have unit length, so that each counts the same (Deshpande and Karypis)
 * idf   w_u = ln(1 + items / n_u): who has much says little of each
 *
 * with n_u a user's items. A weight by item would be divided out again: a cosine does not see an item's length.
 */
function userWeights(ratings: CsrMatrix, weighting: UserWeighting): Float64Array {
  return Float64Array.from({ length: ratings.rowCount }, (_, user) => {
    const count = Math.max(1, ratings.rowOffsets[user + 1] - ratings.rowOffsets[user])
    if (weighting === 'unit') return 1 / Math.sqrt(count)
    return weighting === 'idf' ? Math.log1p(ratings.columnCount / count) : 1
  })
}

/**
 * Similarity of items by the users they have in common:
 *
 *   s(j, i) = sum over users with both of w_u^2 / (|w_j|^(2 asymmetry) |w_i|^(2 (1 - asymmetry)) + shrinkage)
 *
 * with |w_j|^2 the sum of w_u^2 over the users of j. One item at a time, in float64, over the rows of its users: n_u^2
 * operations for every user, and room for one row of similarities beside the lists.
 *
 * @param watch called after each hundredth of the items
 */
export async function neighbourLists(
  ratings: CsrMatrix,
  options: SimilarityOptions,
  watch: (done: number, of: number) => Promise<void>,
): Promise<NeighbourLists> {
  const { neighbours, shrinkage, asymmetry } = options
  const itemCount = ratings.columnCount
  const { rowOffsets, columns } = ratings
  const raters = transpose(ratings)
  const squares = userWeights(ratings, options.userWeighting).map((weight) => weight ** 2)
  const lengths = new Float64Array(itemCount)
  for (let item = 0; item < itemCount; item++) {
    for (let p = raters.rowOffsets[item]; p < raters.rowOffsets[item + 1]; p++)
      lengths[item] += squares[raters.columns[p]]
  }
  const kept = listLength(neighbours, itemCount)
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
      const square = squares[user]
      for (let q = rowOffsets[user]; q < rowOffsets[user + 1]; q++) common[columns[q]] += square
    }
    const own = lengths[item] ** asymmetry
    // Whoever has nothing in common is no neighbour; nor is an item its own.
    common[item] = 0
    for (let other = 0; other < itemCount; other++) {
      similarities[other] =
        common[other] === 0
          ? Number.NEGATIVE_INFINITY
          : common[other] / (own * lengths[other] ** (1 - asymmetry) + shrinkage)
    }
    const best = selectTopK(similarities, kept)
    lists.items.fill(item, item * kept, (item + 1) * kept)
    lists.items.set(best.items, item * kept)
    lists.similarities.set(best.scores, item * kept)
    if ((item + 1) % share === 0) await watch((item + 1) / share, Math.ceil(itemCount / share))
  }
  return lists
}
