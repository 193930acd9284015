import { readFileSync } from 'node:fs'
import { defaultOptions } from '../../../job/train/train-options.ts'

/** A shop that a night is reckoned for, and the options that it trains with. */
export interface Shop {
  users: number
  items: number
  /** Observed pairs. */
  rows: number
  hidden: number
  batchUsers: number
  batchItems: number
  evalEvery: number
  checkpointEvery: number
}

/** Seconds on two cores of the machine that docs/engines.md describes, and how much memory it took. */
export interface MeasuredSize {
  users: number
  items: number
  pairs: number
  hidden: number
  batchUsers: number
  batchItems: number
  epochSeconds: number
  rankSecondsPerUser: number
  selectSecondsPerUser: number
  foldInEpochSeconds: number
  peakGiB: number
}

/** What was measured, by `npm run bench:scale`. */
export const scaleFile = 'test/bench/results/scale-2026-11-26.json'

const all: MeasuredSize[] = JSON.parse(readFileSync(scaleFile, 'utf8')).results

/** Of the sizes that were measured with several options, the one that is recommended. */
export const measuredSizes = [10_000, 30_000, 100_000, 300_000, 1_000_000].map((users) => {
  const { batchUsers, hidden } = optionsFor(users)
  const found = all.find((m) => m.users === users && m.batchUsers === batchUsers && m.hidden === hidden)
  if (found === undefined) throw new Error(`${scaleFile} has no ${users} users with --hidden ${hidden}`)
  return found
})

/** The sizes that the measurements span: nothing is reckoned beyond them. */
export const [usersMin, usersMax] = [10_000, 1_000_000]

/** @throws RangeError where nothing of that size was measured */
export function shopOf(users: number): Shop {
  const { items, pairs } = measuredAt(users)
  const options = optionsFor(users)
  return {
    ...{ users, items: Math.round(items), rows: Math.round(pairs), ...options },
    batchItems:
      options.batchUsers > defaultOptions.batchUsers ? Math.round(items) : defaultOptions.batchItems,
  }
}

/**
 * The defaults up to some 50,000 users. Beyond, Adam's moving every weight in every step would cost more than all else, so
 * blocks grow to a sixteenth of the users; and looks and checkpoints, which grow with users x items, become rarer.
 */
function optionsFor(users: number) {
  const isLarge = users / 16 > defaultOptions.batchUsers
  return {
    // A million users and 160 hidden units do not fit into the wasm engine's 4 GiB.
    hidden: users < 900_000 ? defaultOptions.hidden : 128,
    batchUsers: isLarge ? Math.ceil(users / 16) : defaultOptions.batchUsers,
    evalEvery: isLarge ? 20 : defaultOptions.evalEvery,
    checkpointEvery: isLarge ? 50 : defaultOptions.checkpointEvery,
  }
}

/** Between two measured sizes on the straight line of the logarithms; at a measured size that measurement. */
export function measuredAt(users: number): Omit<MeasuredSize, 'hidden' | 'batchUsers' | 'batchItems'> {
  if (!(users >= usersMin && users <= usersMax))
    throw new RangeError(
      `invalid users: ${users} (want ${usersMin} to ${usersMax}: no other size was measured)`,
    )
  const above = measuredSizes.findIndex((size) => size.users >= users)
  const [low, high] = [measuredSizes[Math.max(0, above - 1)], measuredSizes[above]]
  const share = low === high ? 0 : Math.log(users / low.users) / Math.log(high.users / low.users)
  const between = (of: (size: MeasuredSize) => number) => of(low) * (of(high) / of(low)) ** share
  return {
    users,
    items: between((size) => size.items),
    pairs: between((size) => size.pairs),
    epochSeconds: between((size) => size.epochSeconds),
    rankSecondsPerUser: between((size) => size.rankSecondsPerUser),
    selectSecondsPerUser: between((size) => size.selectSecondsPerUser),
    foldInEpochSeconds: between((size) => size.foldInEpochSeconds),
    peakGiB: between((size) => size.peakGiB),
  }
}
