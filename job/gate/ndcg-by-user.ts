import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import { MetricsSum } from '../evaluate/metrics.ts'

/** A user's items, best first. */
export type ListOf = (user: number) => Uint32Array

/** Users with at least one pair, ascending. */
export function usersOf(pairs: CsrMatrix): Uint32Array {
  return Uint32Array.from(
    Array.from({ length: pairs.rowCount }, (_, user) => user).filter((user) => rowOf(pairs, user).length > 0),
  )
}

/**
 * NDCG@k of each user's list, as {@link MetricsSum} defines it.
 *
 * @param heldOut `[users, items]`: what the lists should have held
 * @param users those that have something held out
 * @returns `[users]`, in the order of `users`
 */
export function ndcgByUser(heldOut: CsrMatrix, users: Uint32Array, listOf: ListOf, k: number): Float64Array {
  return Float64Array.from(users, (user) => {
    const relevant = rowOf(heldOut, user)
    const one = new MetricsSum(k)
    one.add(listOf(user), (item) => relevant.includes(item), relevant.length)
    return one.mean().ndcg
  })
}
