import type { TopK } from '../../shared/top-k.ts'
import { writeArrowFile } from '../data/arrow-file.ts'
import { type CsrMatrix, rowOf, rowRange } from '../data/csr-matrix.ts'
import type { UserRange } from '../data/rating-matrix.ts'
import type { ScorePart } from '../data/run-manifest.ts'
import type { Engine, RangeRanker } from '../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { forEachTopK } from '../evaluate/evaluate.ts'
import type { Progress } from '../progress.ts'
import { openRangeRanker } from '../train/trained-model.ts'
import { type Lists, listedUsers } from './lists.ts'
import type { PartPlace } from './part-places.ts'
import { ScoreTableBuilder } from './score-table.ts'

export interface WriteOptions {
  engine: Engine
  progress: Progress
  signal?: AbortSignal
}

interface WrittenParts {
  parts: ScorePart[]
  /** Users whose list is shorter than k, for their unseen catalogue is. */
  shortLists: number
}

/**
 * Ranks and writes some consecutive parts. Part by part: of the users' own rows and weights, only a part's are in the
 * engine at a time.
 */
export class PartWriter {
  readonly #lists: Lists
  readonly #places: readonly PartPlace[]
  readonly #options: WriteOptions
  readonly #ranker: RangeRanker
  readonly #fitted: CsrMatrix
  readonly #known: CsrMatrix | undefined
  readonly #tables: ScoreTableBuilder
  readonly #itemCount: number

  private constructor(
    lists: Lists,
    places: readonly PartPlace[],
    options: WriteOptions,
    opened: { ranker: RangeRanker; fitted: CsrMatrix; known: CsrMatrix | undefined; itemIds: string[] },
  ) {
    this.#lists = lists
    this.#places = places
    this.#options = options
    this.#ranker = opened.ranker
    this.#fitted = opened.fitted
    this.#known = opened.known
    const { weights, dataset } = lists.run.manifest
    const origin = { weights: weights.sha256, dataset: dataset.digest }
    this.#tables = new ScoreTableBuilder(opened.itemIds, origin)
    this.#itemCount = opened.itemIds.length
  }

  /**
   * Reads and checks all that is needed; nothing is written yet.
   *
   * @param places at least one
   */
  static async open(lists: Lists, places: readonly PartPlace[], options: WriteOptions): Promise<PartWriter> {
    const { run, dataset } = lists
    const range = { first: places[0].first, end: places[places.length - 1].end }
    const itemIds = (await dataset.items(run.extent)).ids
    const known = lists.includeSeen ? undefined : await run.known(dataset, range)
    const opened = await openRangeRanker(run, dataset, options.engine, range)
    return new PartWriter(lists, places, options, { ...opened, known, itemIds })
  }

  /** @throws NightjarError SCORES_NOT_FINITE where a score is NaN or infinite */
  async write(): Promise<WrittenParts> {
    const { progress } = this.#options
    const base = this.#places[0].first
    const written: WrittenParts = { parts: [], shortLists: 0 }
    progress.start('export', this.#places[this.#places.length - 1].end - base, { unit: 'users' })
    for (const place of this.#places) {
      const { users, lists } = await this.#rank(place, { first: place.first - base, end: place.end - base })
      written.shortLists += lists.filter((list) => list.items.length < this.#lists.k).length
      const userIds = Array.from(users, (user) => this.#lists.userIds[user])
      const file = await writeArrowFile(this.#lists.run.store, place.path, this.#tables.build(userIds, lists))
      written.parts.push({ ...file, firstUser: place.first, lastUser: place.end - 1 })
    }
    return written
  }

  close(): void {
    this.#ranker.close()
  }

  /** Lists of a part's users. @param rows the same users, as rows of `fitted` and `known` */
  async #rank(place: PartPlace, rows: UserRange): Promise<{ users: Uint32Array; lists: TopK[] }> {
    const { k, userIds } = this.#lists
    const { progress, signal } = this.#options
    const known = this.#known && rowRange(this.#known, rows.first, rows.end)
    const users = listedUsers(this.#lists, place)
    const lists: TopK[] = []
    await this.#ranker.take(place.first, rowRange(this.#fitted, rows.first, rows.end))
    await forEachTopK(
      this.#ranker,
      users.map((user) => user - place.first),
      this.#itemCount,
      k,
      known,
      (row, list) => {
        const seen = known === undefined ? 0 : rowOf(known, row).length
        checkFinite(list, Math.min(k, this.#itemCount - seen), userIds[place.first + row])
        lists.push(list)
      },
      (done) => {
        throwIfCancelled(signal)
        progress.update(rows.first + done)
      },
    )
    return { users, lists }
  }
}

/** A NaN is above no threshold, so it shows as a list that is too short. */
function checkFinite(list: TopK, expected: number, userId: string): void {
  if (list.items.length === expected && list.scores.every(Number.isFinite)) return
  throw new NightjarError('SCORES_NOT_FINITE', {
    what: `user ${JSON.stringify(userId)} has a score that is not a finite number`,
    why: 'the weights are damaged, or training ran away',
    fix: 'train again, with a lower --learning-rate',
  })
}
