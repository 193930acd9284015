import type { TopK } from '../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import type { Ranker } from '../engine/top-k.ts'
import { type MetricsAtK, MetricsSum } from './metrics.ts'

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
  /** By k, as text: the standard error of NDCG over users. */
  ndcgErrors: Record<string, number>
}

/** Users that are ranked at once: enough to fill the kernels, and no more than 64 MiB of scores. */
function usersAtOnce(itemCount: number): number {
  return Math.max(1, Math.min(1024, Math.floor((64 << 20) / (4 * itemCount))))
}

/**
 * Ranks every item for every user who has something held out, and averages the metrics.
 *
 * @param masked pairs that no list may hold: everything that was known. `[users, items]`
 * @param onProgress told the users done so far; it may throw to end the work
 */
export async function evaluate(
  ranker: Ranker,
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
  await forEachTopK(
    ranker,
    users,
    pairs.columnCount,
    kMax,
    masked,
    (user, { items }) => {
      for (const item of rowOf(pairs, user)) isHeldOut[item] = 1
      for (const sum of sums) sum.add(items, isHit, relevantOf(user))
      for (const item of rowOf(pairs, user)) isHeldOut[item] = 0
    },
    onProgress,
  )
  return {
    users: users.length,
    metrics: Object.fromEntries(sums.map((sum) => [String(sum.k), sum.mean()])),
    ndcgErrors: Object.fromEntries(sums.map((sum) => [String(sum.k), sum.ndcgError()])),
  }
}

/**
 * Hands each user's k best items to `visit`, in the order of `users`.
 *
 * @param masked undefined where known items may be recommended again
 */
export async function forEachTopK(
  ranker: Ranker,
  users: Uint32Array,
  itemCount: number,
  k: number,
  masked: CsrMatrix | undefined,
  visit: (user: number, list: TopK) => void,
  onProgress: (usersDone: number) => void = () => {},
): Promise<void> {
  const atOnce = usersAtOnce(itemCount)
  for (let begin = 0; begin < users.length; begin += atOnce) {
    const some = users.subarray(begin, begin + atOnce)
    const lists = await ranker.topK(some, k, masked)
    for (let row = 0; row < some.length; row++) visit(some[row], lists[row])
    onProgress(begin + some.length)
    // All of this may run on one thread: without a turn of the event loop no Ctrl-C would ever be heard.
    await new Promise(setImmediate)
  }
}
