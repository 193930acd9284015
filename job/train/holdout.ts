import { type CsrMatrix, csrFromPairs, rowOf } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'

/**
 * Draws rows to choose the epoch on: of each user's n items, `max(1, floor(share * (n - 1)))`, at random.
 *
 * A user with a single item keeps it. Each user has a random stream of its own, so that one user's new rows
 * do not change what is held out of the others.
 */
export function drawHoldout(ratings: CsrMatrix, share: number, seed: number): CsrMatrix {
  const users: number[] = []
  const items: number[] = []
  for (let user = 0; user < ratings.rowCount; user++) {
    const own = rowOf(ratings, user).slice()
    if (own.length < 2) continue
    new Random(seed, user, 2).shuffle(own)
    const count = Math.max(1, Math.floor(share * (own.length - 1)))
    for (const item of own.subarray(0, count)) {
      users.push(user)
      items.push(item)
    }
  }
  return csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), ratings.rowCount, ratings.columnCount)
}
