import { type CsrMatrix, csrFromPairs, rowOf } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'

/**
 * Draws rows to choose the epoch on: of each user's n items, `max(1, floor(share * (n - 1)))`, at random.
 *
 * A user with a single item keeps it. Each user has a random stream of its own, so that one user's new rows
 * do not change what is held out of the others.
 *
 * @param seen rows that must not be drawn, for the starting weights were fitted on them; fewer are held out where too
 *   few are left
 */
export function drawHoldout(ratings: CsrMatrix, share: number, seed: number, seen?: CsrMatrix): CsrMatrix {
  const users: number[] = []
  const items: number[] = []
  for (let user = 0; user < ratings.rowCount; user++) {
    const own = rowOf(ratings, user).slice()
    if (own.length < 2) continue
    new Random(seed, user, 2).shuffle(own)
    const count = Math.max(1, Math.floor(share * (own.length - 1)))
    const taboo = new Set(seen === undefined ? [] : rowOf(seen, user))
    for (const item of own.filter((item) => !taboo.has(item)).subarray(0, count)) {
      users.push(user)
      items.push(item)
    }
  }
  return csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), ratings.rowCount, ratings.columnCount)
}
