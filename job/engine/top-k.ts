import { selectTopK, type TopK } from '../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'

/** Anything that can order the catalogue for a user: a trained model, or popularity. */
export interface Ranker {
  /**
   * The k best items of each of some users; see {@link selectTopK} for ties and short lists.
   *
   * @param k      at least 1
   * @param masked items that no list of a user may hold, `[users, items]`; undefined where all may be
   *   recommended
   */
  topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]>
}

/**
 * The k best items of each user, from scores of all items: for rankers that have no selection of their own.
 *
 * @param scores `[users, items]`; masked cells are overwritten with -Infinity
 */
export function topKOfScores(
  scores: Float32Array,
  users: Uint32Array,
  k: number,
  masked: CsrMatrix | undefined,
): TopK[] {
  const itemCount = scores.length / users.length
  return Array.from(users, (user, row) => {
    const own = scores.subarray(row * itemCount, (row + 1) * itemCount)
    if (masked !== undefined) for (const item of rowOf(masked, user)) own[item] = Number.NEGATIVE_INFINITY
    return selectTopK(own, k)
  })
}
