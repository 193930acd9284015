import type { K } from './outcome.ts'
import { baselines, type PrintedDataName, printedTables } from './printed.ts'
import type { PaperSystem } from './systems.ts'

/** That one system has a higher F1@k than another, as a table of the paper shows it. */
export interface Claim {
  table: 1 | 3 | 4 | 5 | 6
  better: PaperSystem
  worse: PaperSystem
  k: K
  /** The data sets that it is said of; undefined where of all. */
  data?: PrintedDataName
}

const atTen = (table: Claim['table'], better: PaperSystem, worse: PaperSystem): Claim => ({
  table,
  better,
  worse,
  k: 10,
})

/** Every ordering that the paper draws a conclusion from, in the order of its tables. */
export const claims: readonly Claim[] = [
  // Section 3.3: the average of both is better than either.
  atTen(1, 'ui-autorec', 'u-autorec'),
  atTen(1, 'ui-autorec', 'i-autorec'),
  // Section 5.3: better than all eight; and than the best of them with shorter lists, which is what the paper tested.
  ...baselines.map((baseline) => atTen(3, 'jca', baseline)),
  ...(['ml-1m', 'yelp', 'games'] as const).flatMap((data) =>
    ([1, 5] as const).map((k): Claim => ({ table: 3, better: 'jca', worse: bestBaseline(data, k), k, data })),
  ),
  // Section 5.4: with the loss of a baseline, still better than it.
  ...(['ncf', 'ui-autorec', 'cdae'] as const).map((other) => atTen(4, 'jca-mse', other)),
  ...(['npr', 'bpr'] as const).map((other) => atTen(4, 'jca-bpr', other)),
  atTen(5, 'jca', 'jca-mse'),
  atTen(5, 'jca-mse', 'jca-bpr'),
  atTen(6, 'jca', 'jca-nf'),
]

/** The baseline that is printed as the best of table 3. */
function bestBaseline(data: PrintedDataName, k: 1 | 5): PaperSystem {
  const column = k === 1 ? 0 : 1
  const printed = (system: PaperSystem) => printedTables[3].values(system, data)[column]
  return baselines.reduce((best, system) => (printed(system) > printed(best) ? system : best))
}
