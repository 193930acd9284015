import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import { type MetricsAtK, MetricsSum } from './metrics.ts'
import { selectTopK } from './top-k.ts'

/** Anything that scores every item for some users: a trained model, or popularity. */
export interface Scorer {
  /** `[users, items]`, valid until the next call. */
  scores(users: Uint32Array): Float32Array
}

/** What was held out, and is now to be found. */
export interface HeldOut {
  /** `[users, items]` */
  pairs: CsrMatrix
  /** Per user, held-out items that the model has never heard of: they cannot be hit, and count all the same. */
  unknownItems?: Uint32Array
}

export interface Evaluation {
  /** Users with at least one held-out item. */
  users: number
  /** By k, as text: `metrics["10"].ndcg`. */
  metrics: Record<string, MetricsAtK>
}

/** Users that are scored at once: enough to fill the kernels, and no more than 64 MiB of scores. */
function usersAtOnce(itemCount: number): number {
  return Math.max(1, Math.min(256, Math.floor((64 << 20) / (4 * itemCount))))
}

/**
 * Ranks every item for every user who has something held out, and averages the metrics.
 *
 * @param masked pairs that no list may hold: everything that was known. `[users, items]`
 * @param onProgress told the users done so far; it may throw to end the work
 */
export async function evaluate(
  scorer: Scorer,
  masked: CsrMatrix,
  heldOut: HeldOut,
  ks: readonly number[],
  onProgress: (usersDone: number) => void = () => {},
): Promise<Evaluation> {
  const { pairs, unknownItems } = heldOut
  const relevantOf = (user: number) =>
    pairs.rowOffsets[user + 1] - pairs.rowOffsets[user] + (unknownItems?.[user] ?? 0)
  const users = Uint32Array.from(
    Array.from({ length: pairs.rowCount }, (_, user) => user).filter((user) => relevantOf(user) > 0),
  )
  const sums = ks.map((k) => new MetricsSum(k))
  const kMax = Math.max(...ks)
  const isHeldOut = new Uint8Array(pairs.columnCount)
  const isHit = (item: number) => isHeldOut[item] === 1
  await forEachUserScores(
    scorer,
    users,
    pairs.columnCount,
    masked,
    (user, scores) => {
      const { items } = selectTopK(scores, kMax)
      for (const item of rowOf(pairs, user)) isHeldOut[item] = 1
      for (const sum of sums) sum.add(items, isHit, relevantOf(user))
      for (const item of rowOf(pairs, user)) isHeldOut[item] = 0
    },
    onProgress,
  )
  return {
    users: users.length,
    metrics: Object.fromEntries(sums.map((sum) => [String(sum.k), sum.mean()])),
  }
}

/**
 * Hands each user's scores to `visit`, known items set to -Infinity. `[items]`, valid within the call.
 *
 * @param masked undefined where known items may be recommended again
 */
export async function forEachUserScores(
  scorer: Scorer,
  users: Uint32Array,
  itemCount: number,
  masked: CsrMatrix | undefined,
  visit: (user: number, scores: Float32Array) => void,
  onProgress: (usersDone: number) => void = () => {},
): Promise<void> {
  const atOnce = usersAtOnce(itemCount)
  for (let begin = 0; begin < users.length; begin += atOnce) {
    const some = users.subarray(begin, begin + atOnce)
    const scores = scorer.scores(some)
    for (let row = 0; row < some.length; row++) {
      const own = scores.subarray(row * itemCount, (row + 1) * itemCount)
      if (masked !== undefined)
        for (const item of rowOf(masked, some[row])) own[item] = Number.NEGATIVE_INFINITY
      visit(some[row], own)
    }
    onProgress(begin + some.length)
    // All of this runs on one thread: without a turn of the event loop no Ctrl-C would ever be heard.
    await new Promise(setImmediate)
  }
}
