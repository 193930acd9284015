import { type CsrMatrix, rowOf } from './csr-matrix.ts'
import type { Random } from './random.ts'

/** The observed cells of a matrix in random order, each with some unobserved ones of the same user. */
export interface CellSample {
  /** `[cells]` */
  users: Uint32Array
  /** For each cell its item, then the items of its negatives. `[cells, 1 + negativesPerPositive]` */
  items: Uint32Array
}

/**
 * Draws the cells of an epoch: every observed cell once, in random order, and for each of them
 * `negativesPerPositive` items that the user has not, uniformly, with replacement.
 *
 * A user who has every item has nothing to be compared with: those cells are left out.
 */
export function sampleCells(ratings: CsrMatrix, negativesPerPositive: number, random: Random): CellSample {
  const { rowCount, columnCount, columns } = ratings
  const width = 1 + negativesPerPositive
  const users = new Uint32Array(columns.length)
  const items = new Uint32Array(columns.length * width)
  // For which user an item was last seen, counted from 1.
  const seenBy = new Uint32Array(columnCount)
  let cell = 0
  for (let user = 0; user < rowCount; user++) {
    const own = rowOf(ratings, user)
    if (own.length === columnCount) continue
    for (const item of own) seenBy[item] = user + 1
    // Where a draw would mostly hit what the user has, it is made from what is left.
    const rest =
      2 * own.length > columnCount ? unseen(columnCount, (item) => seenBy[item] === user + 1) : undefined
    for (const item of own) {
      users[cell] = user
      items[cell * width] = item
      for (let n = 1; n < width; n++) {
        let drawn = rest === undefined ? random.below(columnCount) : rest[random.below(rest.length)]
        while (seenBy[drawn] === user + 1) drawn = random.below(columnCount)
        items[cell * width + n] = drawn
      }
      cell++
    }
  }
  return inRandomOrder({ users: users.subarray(0, cell), items }, width, random)
}

function unseen(itemCount: number, isSeen: (item: number) => boolean): Uint32Array {
  return Uint32Array.from({ length: itemCount }, (_, item) => item).filter((item) => !isSeen(item))
}

function inRandomOrder({ users, items }: CellSample, width: number, random: Random): CellSample {
  const order = Uint32Array.from(users, (_, cell) => cell)
  random.shuffle(order)
  const shuffled = new Uint32Array(users.length * width)
  for (let cell = 0; cell < order.length; cell++) {
    const from = order[cell] * width
    for (let n = 0; n < width; n++) shuffled[cell * width + n] = items[from + n]
  }
  return { users: order.map((cell) => users[cell]), items: shuffled }
}
