import { similarPublished } from '../../shared/item-bucket.ts'
import { selectTopK, type TopK } from '../../shared/top-k.ts'
import { type CsrMatrix, csrFromPairs, rowOf, transpose } from '../data/csr-matrix.ts'
import { throwIfCancelled } from '../errors.ts'

/**
 * How many of a user's items count. Work grows with the square of a history, so that a few collectors would cost
 * more than everybody else; with this, it is at most 500 steps for each interaction.
 */
const historyMax = 500

/** How much the other item's popularity counts against it: 0 is not at all, 0.5 is the cosine. */
const tempering = 0.3

/** As if so many users more had the first item without the second: a single shared user proves little. */
const shrinkage = 3

/** How many items are compared between two looks at the signal. */
const cancelEvery = 256

/**
 * The most similar items of each item, by who has both:
 *
 *     similarity(i, j) = P(j | i)^(1 - t) P(i | j)^t  n_ij / (n_ij + s)
 *                      = n_ij / (n_i^(1 - t) n_j^t)   n_ij / (n_ij + s)
 *
 * with n_i the users who have i, n_ij those who have both, t = {@link tempering} and s = {@link shrinkage}. It is
 * from 0 up to 1, and another from i to j than from j to i. Its values were chosen on validation: docs/log.md.
 *
 * Gathered row by row of the inverted matrix: memory is a row of counts beside the matrix and its transpose, and work is the
 * sum of the squares of all histories. An item that nobody has, or that shares no user with another, has none.
 *
 * @param ratings `[users, items]`
 * @returns `[items]`, each best first and of {@link similarPublished} items at most; ties to the lower index
 * @throws CancelledError
 */
export function similarItems(ratings: CsrMatrix, signal?: AbortSignal): TopK[] {
  const histories = sampled(ratings, historyMax)
  const { columns, rowOffsets } = histories
  const usersOf = transpose(histories) // [items, users]
  const itemCount = usersOf.rowCount
  const counts = Float64Array.from({ length: itemCount }, (_, item) => rowOf(usersOf, item).length)
  const otherPart = counts.map(asSecond)
  const both = new Uint32Array(itemCount)
  const met = new Uint32Array(itemCount)
  const similarities = new Float32Array(itemCount)
  return Array.from({ length: itemCount }, (_, item) => {
    if (item % cancelEvery === 0) throwIfCancelled(signal)
    let metCount = 0
    for (const user of rowOf(usersOf, item)) {
      const end = rowOffsets[user + 1]
      for (let at = rowOffsets[user]; at < end; at++) {
        const other = columns[at]
        if (both[other]++ === 0) met[metCount++] = other
      }
    }
    putInOrder(met, metCount, both)
    const ownPart = asFirst(counts[item])
    for (let n = 0; n < metCount; n++) {
      const shared = both[met[n]]
      similarities[n] = similarity(shared, ownPart, otherPart[met[n]])
      // Nobody asks what an item has in common with itself.
      if (met[n] === item) similarities[n] = Number.NEGATIVE_INFINITY
      both[met[n]] = 0
    }
    const { items: places, scores } = selectTopK(similarities.subarray(0, metCount), similarPublished)
    return { items: places.map((place) => met[place]), scores }
  })
}

/** The equation above; `first` and `second` are {@link asFirst} and {@link asSecond} of the items' users. */
export function similarity(shared: number, first: number, second: number): number {
  return (shared / (first * second)) * (shared / (shared + shrinkage))
}

export function asFirst(users: number): number {
  return users ** (1 - tempering)
}

export function asSecond(users: number): number {
  return users ** tempering
}

/**
 * Puts the items that were met in the order of their indexes, so that of equally similar ones the lower comes first.
 * Sorting costs less where they are few, looking at all items where they are many.
 */
function putInOrder(met: Uint32Array, metCount: number, both: Uint32Array): void {
  if (metCount * 16 < both.length) {
    met.subarray(0, metCount).sort()
    return
  }
  let filled = 0
  for (let other = 0; filled < metCount; other++) if (both[other] > 0) met[filled++] = other
}

/** The matrix with at most `most` columns a row: of a longer row every n-th, the same ones each time. */
function sampled(matrix: CsrMatrix, most: number): CsrMatrix {
  const lengths = Uint32Array.from({ length: matrix.rowCount }, (_, row) => rowOf(matrix, row).length)
  if (lengths.every((length) => length <= most)) return matrix
  const kept = lengths.map((length) => Math.min(length, most))
  const size = kept.reduce((sum, length) => sum + length, 0)
  const rows = new Uint32Array(size)
  const columns = new Uint32Array(size)
  let filled = 0
  kept.forEach((count, row) => {
    const all = rowOf(matrix, row)
    for (let n = 0; n < count; n++) {
      rows[filled] = row
      columns[filled++] = all[Math.floor((n * all.length) / count)]
    }
  })
  return csrFromPairs(rows, columns, matrix.rowCount, matrix.columnCount)
}
