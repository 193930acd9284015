import type { CsrMatrix } from '../csr-matrix.ts'
import type { Dataset } from '../dataset.ts'
import { Random } from '../random.ts'

/** Where a user's item goes. Validation rows stand in train.csv too. */
export const part = { train: 0, validation: 1, test: 2 } as const

export interface Shares {
  test: number
  validation: number
}

/**
 * How many of a user's n distinct items are held out: test = max(1, floor(test (n - 1))), and of the t that are
 * left, validation = max(1, floor(validation (t - 1))). A user with one item keeps it in train, and so does a
 * user with one item left: nothing is held out of nothing. A share of 0 holds nothing out.
 */
export function heldOutCounts(n: number, shares: Shares): { test: number; validation: number } {
  const heldOut = (share: number, count: number) =>
    // 0.7 * 10 may come out just below 7, and must count as 7.
    share === 0 || count < 2 ? 0 : Math.max(1, Math.floor(share * (count - 1) + 1e-9))
  const test = heldOut(shares.test, n)
  return { test, validation: heldOut(shares.validation, n - test) }
}

/**
 * A random split. Each user's draw has a seed of its own, so one user's rows do not move another's.
 *
 * @returns one of {@link part} for each nonzero of `ratings`
 */
export function randomParts(ratings: CsrMatrix, shares: Shares, seed: number): Uint8Array {
  return assign(ratings, shares, (user, cells) => new Random(seed, user).shuffle(cells))
}

/**
 * A split by time: the newest rows are test, the next newest validation. Rows of equal time are taken in the
 * order in which they were imported, and a pair that was imported twice has its newest time.
 *
 * @param dataset every part of it has times
 * @returns one of {@link part} for each nonzero of `ratings`
 */
export async function newestParts(dataset: Dataset, ratings: CsrMatrix, shares: Shares): Promise<Uint8Array> {
  // [nonzeros], milliseconds: whole numbers below 2^53, so doubles hold them.
  const newest = new Float64Array(ratings.columns.length).fill(Number.NEGATIVE_INFINITY)
  const row = new Float64Array(ratings.columns.length)
  let rowNumber = 0
  for await (const { users, items, times } of dataset.interactions()) {
    for (let i = 0; i < users.length; i++, rowNumber++) {
      const cell = cellOf(ratings, users[i], items[i])
      const time = Number(times?.[i] ?? 0n)
      if (time < newest[cell]) continue
      newest[cell] = time
      row[cell] = rowNumber
    }
  }
  return assign(ratings, shares, (_, cells) => {
    cells.sort((a, b) => newest[b] - newest[a] || row[b] - row[a])
  })
}

/** @param order puts a user's cells in the order in which they are held out, test first */
function assign(
  { rowOffsets, rowCount, columns }: CsrMatrix,
  shares: Shares,
  order: (user: number, cells: Uint32Array) => void,
): Uint8Array {
  const parts = new Uint8Array(columns.length)
  for (let user = 0; user < rowCount; user++) {
    const start = rowOffsets[user]
    const cells = Uint32Array.from({ length: rowOffsets[user + 1] - start }, (_, i) => start + i)
    const { test, validation } = heldOutCounts(cells.length, shares)
    order(user, cells)
    for (const cell of cells.subarray(0, test)) parts[cell] = part.test
    for (const cell of cells.subarray(test, test + validation)) parts[cell] = part.validation
  }
  return parts
}

/** Where (user, item) stands among the nonzeros; it is there. */
function cellOf({ rowOffsets, columns }: CsrMatrix, user: number, item: number): number {
  let low = rowOffsets[user]
  let high = rowOffsets[user + 1] - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (columns[middle] < item) low = middle + 1
    else high = middle
  }
  return low
}
