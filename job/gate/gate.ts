import { interval, lowerBound, usualBootstrap } from './bootstrap.ts'
import type { GateReport, Refusal } from './gate-report.ts'
import { isEverywhere, type ListFacts } from './list-checks.ts'

/** What may be chosen of the gate. */
export interface GateOptions {
  /** Users with new rows under which both configurations are trained on a common reduced set. */
  minUsers: number
  /** By what share of the live version's NDCG@10 the candidate may be worse. */
  margin: number
  /** Publish whatever the gate says; it is recorded. */
  force: boolean
}

export const usualGate: GateOptions = { minUsers: 200, margin: 0.02, force: false }

/** The candidate's lists must show at least this share of what the live ones show of the catalogue. */
const coverageShare = 0.5

export interface Contest {
  mode: GateReport['mode']
  liveVersion: string
  usersWithNewRows: number
  sameConfiguration: boolean
  /** NDCG@10 of each user compared on, in the same order. */
  ndcg: { live: Float64Array; candidate: Float64Array; popularity?: Float64Array }
  /** Of those users' lists. */
  lists: { live: ListFacts; candidate: ListFacts }
  /** Newest interaction that each knows of, ISO 8601; the candidate's with all of tonight's rows. */
  dataCutoff: { live: string; candidate: string }
  /** Of the catalogue that they were listed from, by index. */
  itemIds: readonly string[]
}

/** Whether the candidate may take the live version's place. */
export function decideGate(contest: Contest, options: GateOptions): GateReport {
  const { ndcg, lists, dataCutoff } = contest
  const differences = ndcg.candidate.map((value, i) => value - ndcg.live[i])
  const live = mean(ndcg.live)
  const allowed = options.margin * live
  const bound = differences.length === 0 ? 0 : lowerBound(differences, usualBootstrap)
  const coverage = {
    live: lists.live.coverage,
    candidate: lists.candidate.coverage,
    atLeast: coverageShare * lists.live.coverage,
  }
  const report: GateReport = {
    passed: false,
    forced: false,
    mode: contest.mode,
    liveVersion: contest.liveVersion,
    users: differences.length,
    usersWithNewRows: contest.usersWithNewRows,
    sameConfiguration: contest.sameConfiguration,
    ndcg10: { live, candidate: mean(ndcg.candidate) },
    difference: mean(differences),
    lowerBound: bound,
    ...intervalsOf(ndcg, differences),
    margin: { share: options.margin, ndcg10: allowed },
    coverage,
    dataCutoff,
    lists: lists.candidate,
    refusals: checkLists(lists.candidate, contest.itemIds),
  }
  if (differences.length === 0 && !contest.sameConfiguration) {
    report.refusals.push({
      code: 'NO_USERS',
      what: 'no user has a row that could be held back, so the configurations cannot be compared',
      fix: 'go on with the configuration of the live version until users have more rows, or --force',
    })
  }
  // A candidate that is the live one over again is not worse, though zero is not above a margin of zero.
  if (!(bound > -allowed) && differences.some((difference) => difference !== 0)) {
    report.refusals.push(worse(report))
  }
  if (coverage.candidate < coverage.atLeast) {
    report.refusals.push({
      code: 'COVERAGE',
      what: `its lists show ${percent(coverage.candidate)} of the catalogue, the live ones ${percent(coverage.live)}`,
      fix: 'look whether the import lost items, or whether training went astray',
    })
  }
  if (momentOf(dataCutoff.candidate) < momentOf(dataCutoff.live)) {
    report.refusals.push({
      code: 'STALE',
      what: `its newest row is of ${dataCutoff.candidate || 'no time at all'}, the live version's of ${dataCutoff.live}`,
      fix: 'look at what is imported: rows were lost, or an older dataset was named',
    })
  }
  report.passed = report.refusals.length === 0
  report.forced = !report.passed && options.force
  return report
}

/**
 * What is wrong with lists whatever people like. Asked of the candidate, and again of what is to be published.
 *
 * @param itemIds of the catalogue, by index
 */
export function checkLists(facts: ListFacts, itemIds: readonly string[]): Refusal[] {
  const refusals: Refusal[] = []
  if (facts.empty > 0) {
    refusals.push({
      code: 'EMPTY_LISTS',
      what: `${facts.empty} of ${facts.lists} lists are empty`,
      fix: 'look at the run with nightjar evaluate; its weights may not be finite',
    })
  }
  if (facts.withSeen > 0) {
    refusals.push({
      code: 'SEEN_ITEMS',
      what: `${facts.withSeen} of ${facts.lists} lists hold items that the user has`,
      fix: 'export again; with --include-seen where that is wanted',
    })
  }
  const { commonest } = facts
  if (isEverywhere(commonest, itemIds.length)) {
    refusals.push({
      code: 'ONE_ITEM_EVERYWHERE',
      what: `the item ${JSON.stringify(itemIds[commonest.item])} stands in the first ten of ${percent(commonest.share)} of the lists, and of ${percent(commonest.amongWithout)} of those whose user does not have it`,
      fix: 'everybody gets the same: look whether training stopped too early or ran away, and at the rows of that item (a campaign, a robot)',
    })
  }
  return refusals
}

/** For who reads the report: the decision does not depend on them. */
function intervalsOf(
  { live, candidate, popularity }: Contest['ndcg'],
  differences: Float64Array,
): Pick<GateReport, 'intervals' | 'popularity'> {
  const [ofLive, ofCandidate, ofDifference] = [live, candidate, differences].map((values) => interval(values))
  if (ofLive === undefined || ofCandidate === undefined || ofDifference === undefined) return {}
  const intervals = { live: ofLive, candidate: ofCandidate, difference: ofDifference }
  const ofPopularity = popularity && interval(popularity)
  if (popularity === undefined || ofPopularity === undefined) return { intervals }
  const leads = candidate.map((value, i) => value - popularity[i])
  return {
    intervals,
    popularity: {
      ...{ ndcg10: mean(popularity), interval: ofPopularity },
      ...{ lead: mean(leads), leadInterval: interval(leads) ?? ofDifference },
    },
  }
}

function worse(report: GateReport): Refusal {
  const { ndcg10, lowerBound: bound, margin, users } = report
  const isMeasured = report.difference < -margin.ndcg10
  return {
    code: 'WORSE',
    what:
      `NDCG@10 ${ndcg10.candidate.toFixed(4)} against ${ndcg10.live.toFixed(4)} of the live version on ${users} users: ` +
      `the lower bound of the difference, ${bound.toFixed(4)}, is not above ${(-margin.ndcg10).toFixed(4)}`,
    fix: isMeasured
      ? 'look at what changed since the live version: options, or rows of another kind'
      : 'it may be as good, but so few users cannot tell: more of them, a wider --gate-margin, or --force',
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** Text that is empty, for nothing tells the time, is older than any. */
const momentOf = (cutoff: string) => (cutoff === '' ? Number.NEGATIVE_INFINITY : Date.parse(cutoff))

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
