import { rowOf } from '../data/csr-matrix.ts'
import type { Ranker } from '../engine/top-k.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import type { SplitFolder } from './split-folder.ts'

/** How an outcome came about. */
export interface OutcomeFacts {
  model: string
  /** The split's folder name and digest. */
  data: string
  dataDigest: string
  options: object
  epochs: number
  seed: number
  /** `wasm on 2 threads`; a model that runs on none has `cpu`. */
  engine: string
  /** Whether the options were chosen for this data, on its validation rows. */
  isTuned: boolean
  /** Whether another seed gives another model. */
  isRandom: boolean
  fitSeconds: number
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
  facts: OutcomeFacts,
  onUsers: (done: number) => void = () => {},
): Promise<Outcome> {
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
    facts,
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
