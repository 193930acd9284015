import type { Claim } from './claims.ts'
import { claims } from './claims.ts'
import { baselines, type PrintedDataName, printedTables } from './printed.ts'
import { type DataResult, hasRun, overSeeds, resultOf, type SystemResult } from './results.ts'
import { type Comparison, compare } from './significance.ts'
import type { PaperSystem } from './systems.ts'

/** What our runs say of a claim on one data set. */
export interface Verdict {
  claim: Claim
  data: DataResult
  /** Printed, better less worse; undefined for data that is not in the paper. */
  printed: number | undefined
  /** Undefined where one of the two has not run. */
  ours: (Comparison & { agreeing: number; pairsOfSeeds: number }) | undefined
  verdict: 'confirmed' | 'refuted' | 'not decided' | 'not run'
  /** Which system has not run, and why. */
  why?: string
}

/** Of each test, uncorrected: of twenty claims without any truth one would be decided. */
export const level = 0.05

/**
 * A claim is decided, for or against, where the t-test on users' F1 has p below {@link level} on the side of the difference,
 * the bootstrap interval of the difference does not hold 0, and every pair of seeds has the sign of the difference: users alone would take the luck of
 * one seed for a fact.
 *
 * @param onClaim told the claims done so far; it may throw to end the work
 */
export async function judge(
  data: readonly DataResult[],
  tables: readonly number[],
  onClaim: (done: number, of: number) => void = () => {},
): Promise<Verdict[]> {
  const cases = claims
    .filter(({ table }) => tables.includes(table))
    .flatMap((claim) =>
      data
        .filter(({ printed }) => claim.data === undefined || claim.data === printed)
        .map((on) => ({ claim, on })),
    )
  const verdicts: Verdict[] = []
  for (const { claim, on } of cases) {
    verdicts.push(verdictOf(claim, on))
    // Resampling takes a part of a second, on this thread: without a turn of the event loop no Ctrl-C would be heard.
    await new Promise(setImmediate)
    onClaim(verdicts.length, cases.length)
  }
  return verdicts
}

function verdictOf(claim: Claim, data: DataResult): Verdict {
  const [better, worse] = [resultOf(data, claim.better), resultOf(data, claim.worse)]
  const verdict = { claim, data, printed: printedDifference(claim, data.printed) }
  if (!hasRun(better)) return { ...verdict, ours: undefined, verdict: 'not run', why: better.notRun }
  if (!hasRun(worse)) return { ...verdict, ours: undefined, verdict: 'not run', why: worse.notRun }
  const comparison = compare(better.values, worse.values, claim.k)
  const { difference, interval, pF1, meanOfUsers } = comparison
  const seeds = seedsAgreeing(better, worse, claim, Math.sign(difference))
  const isDecided =
    pF1 < level &&
    Math.sign(meanOfUsers) === Math.sign(difference) &&
    (interval.low > 0 || interval.high < 0) &&
    seeds.agreeing === seeds.pairsOfSeeds
  return {
    ...verdict,
    ours: { ...comparison, ...seeds },
    verdict: !isDecided ? 'not decided' : difference > 0 ? 'confirmed' : 'refuted',
  }
}

function printedDifference({ table, better, worse, k }: Claim, data: PrintedDataName | undefined) {
  if (data === undefined) return undefined
  const { columns, values } = printedTables[table]
  const column = columns.findIndex((c) => c.metric === 'f1' && c.k === k)
  return values(better, data)[column] - values(worse, data)[column]
}

function seedsAgreeing(better: SystemResult, worse: SystemResult, { k }: Claim, sign: number) {
  const signs = better.means.flatMap((one) => worse.means.map((other) => Math.sign(one[k].f1 - other[k].f1)))
  return { agreeing: signs.filter((one) => one === sign).length, pairsOfSeeds: signs.length }
}

/** How near a baseline of ours comes to the printed one. */
export interface Nearness {
  system: PaperSystem
  data: DataResult
  /** F1@10. */
  printed: number
  ours: number | undefined
  /** Undefined where it has not run. */
  isNear: boolean | undefined
}

/** By what share F1@10 may differ from the printed one and still count as reproduced. */
export const nearShare = 0.05

/** Each of table 3's baselines on each of the paper's data sets. */
export function nearnessOfBaselines(data: readonly DataResult[]): Nearness[] {
  return data.flatMap((on) =>
    baselines.flatMap((system) => {
      if (on.printed === undefined) return []
      const printed = printedTables[3].values(system, on.printed)[2]
      const result = resultOf(on, system)
      const ours = hasRun(result) ? overSeeds(result, 'f1', 10).mean : undefined
      const isNear = ours === undefined ? undefined : Math.abs(ours - printed) <= nearShare * printed
      return [{ system, data: on, printed, ours, isNear }]
    }),
  )
}
