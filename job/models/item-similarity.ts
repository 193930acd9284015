import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'
import { listLength, type NeighbourLists, nearestItems } from './nearest-items.ts'

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
 * with |w_j|^2 the sum of w_u^2 over the users of j.
 *
 * @param watch called after each hundredth of the items
 */
export function neighbourLists(
  ratings: CsrMatrix,
  options: SimilarityOptions,
  watch: (done: number, of: number) => Promise<void>,
): Promise<NeighbourLists> {
  const { neighbours, shrinkage, asymmetry } = options
  const raters = transpose(ratings)
  const squares = userWeights(ratings, options.userWeighting).map((weight) => weight ** 2)
  const lengths = new Float64Array(ratings.columnCount)
  for (let item = 0; item < ratings.columnCount; item++) {
    for (let p = raters.rowOffsets[item]; p < raters.rowOffsets[item + 1]; p++)
      lengths[item] += squares[raters.columns[p]]
  }
  const own = lengths.map((length) => length ** asymmetry)
  const others = lengths.map((length) => length ** (1 - asymmetry))
  return nearestItems(
    ratings,
    squares,
    (common, j, i) => common / (own[j] * others[i] + shrinkage),
    listLength(neighbours, ratings.columnCount),
    watch,
  )
}
