import type { IdColumn } from '../../data/id-column.ts'
import { throwIfCancelled } from '../../errors.ts'
import { RankScoreCounter, type RankScores } from '../../export/rank-scores.ts'
import type { Catalogue, NamedItem, ScoreBatch } from '../../export/score-batch.ts'
import { isEverywhere, ListCounter, type ListFacts } from '../../gate/list-checks.ts'
import { checkWeights } from '../../train/trained-model.ts'
import type { Fault } from '../fault.ts'
import { type FileFacts, lookAtFiles, type Watch } from '../file-facts.ts'
import { type Exposure, exposureOf } from './exposure.ts'
import { HistoryWindow } from './history-window.ts'
import { ListChecker } from './list-checks.ts'
import { catalogueOf, type ScoreFile, type ScoreSet, scoreBatches } from './score-set.ts'
import { nobody, UserOrder } from './user-order.ts'

export interface ScoreReport {
  kind: 'scores'
  place: string
  /** Null for files that no run vouches for. */
  run: {
    versionId: string
    model: string
    k: number | null
    includeSeen: boolean | null
    exportedAt: string | null
  } | null
  files: FileFacts[]
  columns: string[]
  batches: number
  lists: {
    count: number
    /** Items in a list. */
    lengths: { min: number; median: number; max: number }
    empty: number
    shorterThanK: number
  }
  /** Whether lists were compared with the users and with what these have. */
  checked: { users: boolean; seenItems: boolean }
  exposure: Exposure
  /** Of first tens, as the gate counts it. */
  firstTen: { coverage: number; commonest: (NamedItem & { share: number }) | null; isEverywhere: boolean }
  byRank: RankScores[]
  /** Mean scores from the first rank to the last. */
  means: number[]
  sampledLists: number
  /** Most lists first. */
  mostRecommended: (NamedItem & { lists: number; share: number })[]
  faults: Fault[]
  notes: string[]
}

const mostMax = 10
const ranksMax = 1000

/**
 * Reads every file twice, for its digest and for its lists, a batch at a time, and tells what the lists are like and what is
 * wrong with them.
 */
export async function surveyScores(set: ScoreSet, watch: Watch): Promise<ScoreReport> {
  const files = await lookAtFiles(set.store, set.files, set.faults, watch)
  await checkWeightsOf(set)
  const survey = await Survey.open(set)
  let bytes = 0
  const inMb = (count: number) => Math.round(count / 1e5) / 10
  watch.progress.start('lists', inMb(files.reduce((sum, file) => sum + file.bytes, 0)), { unit: 'MB' })
  for await (const { file, batch } of scoreBatches(set, survey.catalogue)) {
    throwIfCancelled(watch.signal)
    await survey.takeBatch(file, batch)
    bytes += 8 * batch.items.length
    watch.progress.update(inMb(bytes))
  }
  watch.progress.end()
  return survey.report(files)
}

async function checkWeightsOf({ run, faults }: ScoreSet): Promise<void> {
  if (run === undefined) return
  try {
    await checkWeights(run)
  } catch (error) {
    faults.add('STALE_VERSION', () => (error instanceof Error ? error.message : String(error)))
  }
}

class Survey {
  readonly catalogue: Catalogue
  readonly #set: ScoreSet
  readonly #order: UserOrder | undefined
  readonly #window: HistoryWindow | undefined
  readonly #checker: ListChecker
  readonly #scores = new RankScoreCounter(ranksMax)
  readonly #lengths = new Uint32Array(ranksMax + 1)
  #counter: ListCounter | undefined
  #places: Uint32Array
  #batches = 0

  private constructor(set: ScoreSet, catalogue: Catalogue, userIds: IdColumn | undefined) {
    this.#set = set
    this.catalogue = catalogue
    const { run, dataset, faults } = set
    const scores = run?.manifest.scores
    // What lists may hold again is not looked for in them; of lists without a run nobody knows.
    const mayHoldSeen = run !== undefined && (scores?.includeSeen ?? true)
    this.#order = userIds && new UserOrder(userIds, faults)
    this.#window = dataset && !mayHoldSeen ? new HistoryWindow(dataset, run) : undefined
    this.#checker = new ListChecker(catalogue, scores?.k, faults)
    this.#places = new Uint32Array(catalogue.ids.length)
  }

  static async open(set: ScoreSet): Promise<Survey> {
    return new Survey(set, await catalogueOf(set), await set.dataset?.userIdColumn(set.dataset.extent))
  }

  async takeBatch(file: ScoreFile, batch: ScoreBatch): Promise<void> {
    const { offsets, scoreOffsets, rows, userIds } = batch
    this.#batches++
    this.#checker.takeBatch(file.path, batch)
    this.#makeRoom()
    this.#counter ??= new ListCounter(this.catalogue.ids.length, undefined)
    const counter = this.#counter
    const window = this.#window
    const places = this.#places
    for (let row = 0; row < rows; row++) {
      const userId = userIds.at(row)
      const user = this.#order?.take(file, userId) ?? nobody
      if (window !== undefined && user !== nobody && !window.covers(user)) await window.moveTo(user)
      const seen = user === nobody ? undefined : window?.of(user)
      const [start, end] = [offsets[row], offsets[row + 1]]
      const seenAt = counter.addList(batch.items, seen, start, end)
      const left = user === nobody ? undefined : window === undefined ? 0 : seen?.length
      this.#checker.check(batch, row, userId, seenAt, left)
      this.#lengths[Math.min(end - start, ranksMax)]++
      for (let i = start; i < end; i++) places[batch.items[i]]++
      this.#scores.add(batch.scores, scoreOffsets[row], scoreOffsets[row + 1])
    }
  }

  async report(files: FileFacts[]): Promise<ScoreReport> {
    const { place, run, dataset, faults, notes } = this.#set
    await this.#finishUsers()
    const window = this.#window ?? (dataset && new HistoryWindow(dataset, run))
    await window?.visitAll()
    const scores = run?.manifest.scores ?? null
    const exposure = exposureOf(this.#places, window?.owners)
    return {
      kind: 'scores',
      place,
      run:
        run === undefined
          ? null
          : {
              versionId: run.manifest.versionId,
              model: run.manifest.model,
              k: scores?.k ?? null,
              includeSeen: scores?.includeSeen ?? null,
              exportedAt: scores?.exportedAt ?? null,
            },
      files,
      columns: ['user_id: utf8', 'item_ids: list<dictionary<utf8>>', 'scores: list<float32>'],
      batches: this.#batches,
      lists: this.#lists(scores?.k),
      checked: { users: this.#order !== undefined, seenItems: this.#window !== undefined },
      exposure,
      firstTen: this.#firstTen(),
      byRank: this.#scores.table,
      means: this.#scores.means,
      sampledLists: this.#scores.sampled,
      mostRecommended: this.#mostRecommended(),
      faults: faults.faults,
      notes,
    }
  }

  /** A file may name items that none before it did. */
  #makeRoom(): void {
    const size = this.catalogue.ids.length
    if (this.#places.length >= size) return
    const larger = new Uint32Array(size)
    larger.set(this.#places)
    this.#places = larger
  }

  async #finishUsers(): Promise<void> {
    const order = this.#order
    if (order === undefined) return
    const { isWhole, files, dataset, notes } = this.#set
    if (isWhole) order.countMissing(0, dataset?.extent.users ?? 0)
    else
      for (const { vouched } of files)
        if (vouched) order.countMissing(vouched.firstUser, vouched.lastUser + 1)
    if (order.forgotten > 0) notes.push(`${order.forgotten} lists are of users who were forgotten since`)
  }

  #lists(k: number | undefined): ScoreReport['lists'] {
    const lengths = this.#lengths
    const count = lengths.reduce((sum, n) => sum + n, 0)
    let median = 0
    for (let below = lengths[0]; below * 2 < count; below += lengths[median]) median++
    const max = lengths.findLastIndex((n) => n > 0)
    return {
      count,
      lengths: {
        min: Math.max(
          0,
          lengths.findIndex((n) => n > 0),
        ),
        median,
        max: Math.max(0, max),
      },
      empty: lengths[0],
      shorterThanK: lengths.subarray(0, k ?? Math.max(0, max)).reduce((sum, n) => sum + n, 0),
    }
  }

  #firstTen(): ScoreReport['firstTen'] {
    const facts: ListFacts | undefined = this.#counter?.facts
    if (facts === undefined) return { coverage: 0, commonest: null, isEverywhere: false }
    const { item, share } = facts.commonest
    return {
      coverage: facts.coverage,
      commonest: { ...this.catalogue.named(item), share },
      isEverywhere: isEverywhere(facts.commonest, this.#places.length),
    }
  }

  #mostRecommended(): ScoreReport['mostRecommended'] {
    const lists = Math.max(
      1,
      this.#lengths.reduce((sum, n) => sum + n, 0),
    )
    return Array.from(this.#places.keys())
      .sort((a, b) => this.#places[b] - this.#places[a] || a - b)
      .slice(0, mostMax)
      .filter((item) => this.#places[item] > 0)
      .map((item) => ({
        ...this.catalogue.named(item),
        lists: this.#places[item],
        share: this.#places[item] / lists,
      }))
  }
}
