import { type CsrMatrix, csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { Random } from '../../../job/data/random.ts'

/** Some 100 cells of 23 users, one of whom has nothing, and 17 items. */
export function smallRatings(): CsrMatrix {
  const random = new Random(5)
  const pairs = Array.from({ length: 120 }, () => [random.below(22), random.below(17)])
  return csrFromPairs(
    Uint32Array.from(pairs, (p) => p[0]),
    Uint32Array.from(pairs, (p) => p[1]),
    23,
    17,
  )
}
