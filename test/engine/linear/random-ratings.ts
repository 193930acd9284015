import { type CsrMatrix, csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { Random } from '../../../job/data/random.ts'

/** Pairs drawn so that few items have most of them; the last user and the last item have none. */
export function randomRatings(users: number, items: number, pairs: number, seed = 5): CsrMatrix {
  const random = new Random(seed)
  const drawn = Array.from({ length: pairs }, () => [
    random.below(users - 1),
    Math.floor((items - 1) * random.next() ** 2),
  ])
  return csrFromPairs(
    Uint32Array.from(drawn, ([user]) => user),
    Uint32Array.from(drawn, ([, item]) => item),
    users,
    items,
  )
}
