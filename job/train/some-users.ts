import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'

/**
 * Of the users who have something held out, at most so many, from all over: what is asked again and again need not be asked of
 * every one.
 *
 * @param heldOut `[users, items]`
 */
export function someUsers(heldOut: CsrMatrix, most: number): Uint32Array {
  const having = Uint32Array.from({ length: heldOut.rowCount }, (_, user) => user).filter(
    (user) => rowOf(heldOut, user).length > 0,
  )
  const every = Math.ceil(having.length / most)
  return having.filter((_, n) => n % every === 0)
}

/** The rows of some users, ascending; all others are empty. */
export function rowsOfUsers(matrix: CsrMatrix, users: Uint32Array): CsrMatrix {
  const rowOffsets = new Uint32Array(matrix.rowCount + 1)
  for (const user of users) rowOffsets[user + 1] = rowOf(matrix, user).length
  for (let user = 0; user < matrix.rowCount; user++) rowOffsets[user + 1] += rowOffsets[user]
  const columns = new Uint32Array(rowOffsets[matrix.rowCount])
  for (const user of users) columns.set(rowOf(matrix, user), rowOffsets[user])
  return { ...matrix, rowOffsets, columns }
}
