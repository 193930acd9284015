import { selectTopK, type TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'

/** Scores by the row, computed for a few users at a time into room that is used again. */
export interface ScoreRows {
  itemCount: number
  /** From one user's scores to the next one's: at least `itemCount`. */
  stride: number
  /** The most users of one call. */
  usersAtOnce: number
  /** `[users, stride]`, valid until the next call; the caller may overwrite it. */
  compute(users: Uint32Array): Float32Array
}

/** Scores of every item for some users, `[users, items]`. */
export function scoresByRows(rows: ScoreRows, users: Uint32Array): Float32Array {
  const scores = new Float32Array(users.length * rows.itemCount)
  forEachRow(rows, users, (own, row) => scores.set(own, row * rows.itemCount))
  return scores
}

/** The k best items of each of some users; see {@link Ranker}. */
export function topKByRows(
  rows: ScoreRows,
  users: Uint32Array,
  k: number,
  masked: CsrMatrix | undefined,
): TopK[] {
  if (k < 1) throw new RangeError(`invalid k: ${k} (want at least 1)`)
  const lists: TopK[] = []
  forEachRow(rows, users, (own, row) => {
    if (masked !== undefined) {
      for (const item of rowOf(masked, users[row])) own[item] = Number.NEGATIVE_INFINITY
    }
    lists.push(selectTopK(own, k))
  })
  return lists
}

function forEachRow(
  rows: ScoreRows,
  users: Uint32Array,
  visit: (scores: Float32Array, row: number) => void,
): void {
  for (let begin = 0; begin < users.length; begin += rows.usersAtOnce) {
    const some = users.subarray(begin, begin + rows.usersAtOnce)
    const scores = rows.compute(some)
    for (let r = 0; r < some.length; r++) {
      visit(scores.subarray(r * rows.stride, r * rows.stride + rows.itemCount), begin + r)
    }
  }
}
