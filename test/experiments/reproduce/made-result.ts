import type { Outcome } from '../../../job/experiments/reproduce/outcome.ts'
import type { PrintedDataName } from '../../../job/experiments/reproduce/printed.ts'
import {
  type DataResult,
  type ResultSource,
  systemResult,
} from '../../../job/experiments/reproduce/results.ts'
import type { SplitFolder } from '../../../job/experiments/reproduce/split-folder.ts'
import type { SystemName } from '../../../job/experiments/reproduce/systems.ts'

/** One user's: at which ranks, from 1, test items stand, and how many of them there are. */
export type MadeUser = readonly [ranks: readonly number[], relevant: number]

/** An outcome of users whose hits are known; the item of a hit is 100 and its rank. */
export function madeOutcome(users: readonly MadeUser[], seed = 1): Outcome {
  return {
    facts: {
      ...{ model: 'made', dataDigest: 'd1', options: { l2: 5 }, epochs: 3, seed, engine: 'cpu', threads: 2 },
      ...{
        fitSeconds: 1.5,
        rankSeconds: 0.5,
        version: '0.1.0',
        commit: 'abc',
        at: '2026-11-26T00:00:00.000Z',
      },
    },
    users: Uint32Array.from(users, (_, n) => n),
    relevant: Uint32Array.from(users, ([, relevant]) => relevant),
    hitRanks: Uint16Array.from(users, ([ranks]) => ranks.reduce((bits, rank) => bits | (1 << (rank - 1)), 0)),
    hitItems: Uint32Array.from(users.flatMap(([ranks]) => ranks.map((rank) => 100 + rank))),
  }
}

export const madeSource: ResultSource = {
  ...{ config: 'configs/ml-1m/made.json', isOfData: true, isRandom: true, searchSeconds: undefined },
}

/** Results of systems, each by its seeds' users. */
export function madeData(
  systems: Partial<Record<SystemName, readonly (readonly MadeUser[])[]>>,
  printed: PrintedDataName | undefined = 'ml-1m',
  label = 'MovieLens 1M',
): DataResult {
  const results = Object.entries(systems).map(
    ([name, seeds]) =>
      [
        name as SystemName,
        systemResult(
          seeds.map((users, n) => madeOutcome(users, n + 1)),
          madeSource,
        ),
      ] as const,
  )
  return { label, printed, split: madeSplit, systems: new Map(results) }
}

const empty = { rowCount: 2, columnCount: 3, rowOffsets: new Uint32Array(3), columns: new Uint32Array(0) }

const madeSplit: SplitFolder = {
  ...{ name: 'ml-1m', digest: '0123456789abcdef', train: empty, validation: empty },
  test: { pairs: empty, unknownItems: new Uint32Array(2) },
  counts: {
    ...{ users: 2, items: 3, rows: 5, pairs: 4, testUsers: 2 },
    ...{ knownTestPairs: 1, unknownUsers: 0, unknownItems: 1, addedRows: 0 },
  },
}
