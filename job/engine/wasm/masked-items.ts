import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'

/** The masked items of some users, in their order: those of the n-th are `items[offsets[n]]` up to `items[offsets[n + 1]]`. */
export function maskedItems(
  users: Uint32Array,
  masked: CsrMatrix,
): { offsets: Uint32Array; items: Uint32Array } {
  const offsets = new Uint32Array(users.length + 1)
  users.forEach((user, row) => {
    offsets[row + 1] = offsets[row] + rowOf(masked, user).length
  })
  const items = new Uint32Array(offsets[users.length])
  users.forEach((user, row) => {
    items.set(rowOf(masked, user), offsets[row])
  })
  return { offsets, items }
}

/** Lists out of rows of k, of which each has so many filled. */
export function listsOf(lengths: Uint32Array, items: Uint32Array, scores: Float32Array, k: number): TopK[] {
  return Array.from(lengths, (length, row) => ({
    items: items.slice(row * k, row * k + length),
    scores: scores.slice(row * k, row * k + length),
  }))
}
