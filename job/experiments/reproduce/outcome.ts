import { rowOf } from '../../data/csr-matrix.ts'
import type { Ranker } from '../../engine/top-k.ts'
import { forEachTopK } from '../../evaluate/evaluate.ts'
import type { SplitFolder } from './split-folder.ts'

/** What decides an outcome: of two with the same one is as good as the other. */
export interface OutcomeCause {
  model: string
  /** Of the split. */
  dataDigest: string
  /** Settled, with nothing left to the data. */
  options: object
  epochs: number
  seed: number
}

/** How an outcome came about. */
interface OutcomeFacts extends OutcomeCause {
  /** `wasm`, or `cpu` for a model that runs on no engine. */
  engine: string
  threads: number
  fitSeconds: number
  /** Ranking all items for all users of test. */
  rankSeconds: number
  version: string
  commit: string | null
  /** When it was fitted, ISO 8601. */
  at: string
}

/** What one fitted model found of one split's test rows: enough for every metric up to {@link listLength}. */
export interface Outcome {
  facts: OutcomeFacts
  /** Users with something held out, ascending, `[users]` */
  users: Uint32Array
  /** Distinct items that each has held out, `[users]` */
  relevant: Uint32Array
  /** Bit r is set where the item at rank r of the list, from 0, is a hit. `[users]` */
  hitRanks: Uint16Array
  /** The hits, by rank, each user's behind those of the user before. `[hits]` */
  hitItems: Uint32Array
}

/** Items of a list that an outcome looks at. */
export const listLength = 10

/** The k of every table. */
export const ks = [1, 5, 10] as const
export type K = (typeof ks)[number]

/**
 * Ranks all items for all users who have something held out, as `evaluate` does: items of train are masked, and of equal
 * scores the lower index comes first.
 *
 * @param onUsers told the users done so far; it may throw to end the work
 */
export async function outcomeOf(
  ranker: Ranker,
  { train, test }: SplitFolder,
  onUsers: (done: number) => void = () => {},
): Promise<Omit<Outcome, 'facts'>> {
  const { pairs, unknownItems } = test
  const relevantOf = (user: number) => rowOf(pairs, user).length + unknownItems[user]
  const users = Uint32Array.from({ length: pairs.rowCount }, (_, user) => user).filter(
    (user) => relevantOf(user) > 0,
  )
  const hitRanks = new Uint16Array(users.length)
  const hitItems: number[] = []
  let at = 0
  await forEachTopK(
    ranker,
    users,
    pairs.columnCount,
    listLength,
    train,
    (user, { items }) => {
      const heldOut = rowOf(pairs, user)
      items.forEach((item, rank) => {
        if (!heldOut.includes(item)) return
        hitRanks[at] |= 1 << rank
        hitItems.push(item)
      })
      at++
    },
    onUsers,
  )
  return {
    users,
    relevant: users.map(relevantOf),
    hitRanks,
    hitItems: Uint32Array.from(hitItems),
  }
}

/** Each user's hits, as views: `hits[n]` are those of `users[n]`. */
export function hitsByUser({ hitRanks, hitItems }: Outcome): Uint32Array[] {
  let begin = 0
  return Array.from(hitRanks, (ranks) => {
    let count = 0
    for (let rest = ranks; rest !== 0; rest &= rest - 1) count++
    begin += count
    return hitItems.subarray(begin - count, begin)
  })
}
