import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import type { Dataset, ItemTable } from '../data/dataset.ts'
import { Random } from '../data/random.ts'
import type { Run } from '../data/run.ts'
import type { CurvePoint, RunManifest } from '../data/run-manifest.ts'
import { throwIfCancelled } from '../errors.ts'
import type { GateReport, Refusal } from '../gate/gate-report.ts'
import { itemCounts } from '../models/popularity.ts'
import { ScoreReader } from '../publish/score-lists.ts'
import { type HeldOutQuality, measureHeldOut } from './held-out-quality.ts'
import { type ListStatistics, ListTally } from './list-statistics.ts'
import { type PopularityGroup, popularityGroups } from './popularity-groups.ts'

/** What a night settled, as far as a report shows it. */
interface NightFacts {
  nightId: string
  dataset?: { imported: { rows: number; users: number; items: number } } | undefined
  live?: { versionId: string } | null | undefined
  gate?: GateReport | undefined
  searched?: { epochs: number; curve?: CurvePoint[] | undefined } | undefined
  listRefusals?: Refusal[] | undefined
}

/** A user's list, with titles. */
export interface SampleList {
  userId: string
  /** How many items the user has, and some of them, the rarest first. */
  known: number
  some: string[]
  list: { item: string; category: string; score: number }[]
}

/** A run that another is compared with. */
interface Against {
  manifest: RunManifest
  lists: ListStatistics | undefined
  groups: PopularityGroup[]
  /** Undefined also where the run that is reported has none to set beside it. */
  quality: HeldOutQuality | undefined
}

/** Everything that a report shows. */
export interface ReportFacts {
  manifest: RunManifest
  night: NightFacts | undefined
  quality: HeldOutQuality | undefined
  /** Undefined where nothing is exported. */
  lists: ListStatistics | undefined
  groups: PopularityGroup[]
  /** The item that most lists begin with their ten, and in what share of them. */
  commonest: { item: string; share: number } | undefined
  samples: SampleList[]
  against: Against | undefined
}

export interface ReportInput {
  run: Run
  dataset: Dataset
  night?: NightFacts | undefined
  /** The live version, or another run; its dataset may be another one. */
  against?: { run: Run; dataset: Dataset } | undefined
  signal?: AbortSignal | undefined
}

/** How many users are shown, how much of a list, and of what they have. */
const samplesCount = 5
const shownOfList = 10
const shownOfKnown = 8

/** Reads everything that a report shows out of a run, its dataset and its lists. */
export async function gatherFacts({
  run,
  dataset,
  night,
  against,
  signal,
}: ReportInput): Promise<ReportFacts> {
  const known = await run.known(dataset)
  const items = await dataset.items(run.extent)
  const counts = itemCounts(known)
  const userIds = await dataset.userIds(run.extent)
  const wanted = new Set(sampleUsers(known, userIds))
  const samples: SampleList[] = []
  const lists = await tally(run, dataset, signal, (user, list, scores) => {
    if (wanted.has(user))
      samples.push(sampleList(userIds[user], rowOf(known, user), counts, items, list, scores))
  })
  const quality = await measureHeldOut(run, dataset, signal)
  return {
    manifest: run.manifest,
    night,
    quality,
    lists,
    groups: lists === undefined ? [] : popularityGroups(counts, lists.inFirst),
    commonest: lists && commonestOf(lists, items),
    samples,
    against: against && (await factsOfOther(against, quality !== undefined, signal)),
  }
}

async function factsOfOther(
  { run, dataset }: { run: Run; dataset: Dataset },
  isMeasured: boolean,
  signal: AbortSignal | undefined,
): Promise<Against> {
  const lists = await tally(run, dataset, signal)
  const counts = itemCounts(await run.known(dataset))
  return {
    manifest: run.manifest,
    lists,
    groups: lists === undefined ? [] : popularityGroups(counts, lists.inFirst),
    quality: isMeasured ? await measureHeldOut(run, dataset, signal) : undefined,
  }
}

async function tally(
  run: Run,
  dataset: Dataset,
  signal: AbortSignal | undefined,
  visit: (user: number, items: Uint32Array, scores: Float32Array) => void = () => {},
): Promise<ListStatistics | undefined> {
  if (run.manifest.scores === null) return undefined
  const userIds = await dataset.userIds(run.extent)
  const { ids } = await dataset.items(run.extent)
  const reader = new ScoreReader(run, userIds, ids)
  const lists = new ListTally(reader.k, ids.length)
  await reader.forEach((user, items, scores) => {
    throwIfCancelled(signal)
    lists.add(items, scores)
    visit(user, items, scores)
  })
  return lists.statistics
}

/** Drawn among users who have something and are not forgotten: the same ones every time. */
function sampleUsers(known: CsrMatrix, userIds: readonly string[]): Uint32Array {
  const having = Uint32Array.from(userIds.keys()).filter(
    (user) => userIds[user] !== '' && rowOf(known, user).length > 0,
  )
  new Random(1).shuffle(having)
  return having.subarray(0, samplesCount).sort()
}

function sampleList(
  userId: string,
  known: Uint32Array,
  counts: Uint32Array,
  { ids, titles, categories }: ItemTable,
  list: Uint32Array,
  scores: Float32Array,
): SampleList {
  const nameOf = (item: number) => titles?.[item] || ids[item]
  const rarestFirst = known.slice().sort((a, b) => counts[a] - counts[b] || a - b)
  return {
    userId,
    known: known.length,
    some: Array.from(rarestFirst.subarray(0, shownOfKnown), nameOf),
    list: Array.from(list.subarray(0, shownOfList), (item, rank) => ({
      item: nameOf(item),
      category: categories?.[item] ?? '',
      score: scores[rank],
    })),
  }
}

function commonestOf({ inFirst, lists }: ListStatistics, { ids, titles }: ItemTable) {
  if (lists === 0 || inFirst.length === 0) return undefined
  let item = 0
  for (let other = 1; other < inFirst.length; other++) if (inFirst[other] > inFirst[item]) item = other
  return { item: titles?.[item] || ids[item], share: inFirst[item] / lists }
}
