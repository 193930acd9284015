import type { Catalogue, ScoreBatch } from '../../export/score-batch.ts'
import { ItemMarks } from '../../gate/list-checks.ts'
import type { FaultLog } from '../fault.ts'

/** Checks that a list is what export promises. Each fault counts a list once. */
export class ListChecker {
  readonly #catalogue: Catalogue
  readonly #k: number | undefined
  readonly #faults: FaultLog
  #marks: ItemMarks

  /** @param k items in a list, as the manifest says; undefined where there is none */
  constructor(catalogue: Catalogue, k: number | undefined, faults: FaultLog) {
    this.#catalogue = catalogue
    this.#k = k
    this.#faults = faults
    this.#marks = new ItemMarks(catalogue.ids.length)
  }

  /** Once before each batch: a file may name more items than those before it. */
  takeBatch(path: string, { nulls }: ScoreBatch): void {
    this.#marks = new ItemMarks(this.#catalogue.ids.length)
    if (nulls > 0) this.#faults.add('NULL_VALUES', () => `${path}: ${nulls} nulls`)
  }

  /**
   * Lists are places in the batch's arrays: a view of each of a million costs more than the look at it.
   *
   * @param seenAt where in the list the first item stands that its user has already; -1: nowhere, or that is allowed
   * @param seen items that the user has, if lists may not hold them; undefined where that is not known
   */
  check(batch: ScoreBatch, row: number, userId: string, seenAt: number, seen: number | undefined): void {
    const { items, offsets, scores, scoreOffsets } = batch
    const [start, end] = [offsets[row], offsets[row + 1]]
    const [firstScore, lastScore] = [scoreOffsets[row], scoreOffsets[row + 1]]
    const length = end - start
    const scoreCount = lastScore - firstScore
    if (length !== scoreCount || length > (this.#k ?? length)) {
      const k = this.#k === undefined ? '' : `, k is ${this.#k}`
      this.#faults.add('LIST_SHAPE', () => `user ${userId}: ${length} items, ${scoreCount} scores${k}`)
    }
    if (seenAt >= 0) this.#faults.add('SEEN_ITEMS', () => this.#told(userId, items[start + seenAt], seenAt))
    this.#checkItems(userId, items, start, end)
    this.#checkScores(userId, scores, firstScore, lastScore)
    this.#checkLength(userId, length, seen)
  }

  #checkItems(userId: string, items: Uint32Array, start: number, end: number): void {
    const marks = this.#marks
    const known = this.#catalogue.known ?? Number.POSITIVE_INFINITY
    let twiceAt = -1
    let unknownAt = -1
    marks.clear()
    for (let i = start; i < end; i++) {
      if (!marks.add(items[i])) twiceAt = i
      if (items[i] >= known) unknownAt = i
    }
    if (twiceAt >= 0) {
      const first = items.indexOf(items[twiceAt], start) - start + 1
      this.#faults.add(
        'DUPLICATE_ITEMS',
        () => `${this.#told(userId, items[twiceAt], twiceAt - start)} and ${first}`,
      )
    }
    if (unknownAt >= 0) {
      this.#faults.add('UNKNOWN_ITEMS', () => this.#told(userId, items[unknownAt], unknownAt - start))
    }
  }

  #told(userId: string, item: number, at: number): string {
    return `user ${userId}: item ${this.#catalogue.ids[item]} at rank ${at + 1}`
  }

  #checkScores(userId: string, scores: Float32Array, start: number, end: number): void {
    let notFiniteAt = -1
    let risesAt = -1
    for (let i = start; i < end; i++) {
      if (!Number.isFinite(scores[i])) notFiniteAt = i
      if (i > start && scores[i] > scores[i - 1]) risesAt = i
    }
    if (notFiniteAt >= 0) {
      const rank = notFiniteAt - start + 1
      this.#faults.add('SCORE_NOT_FINITE', () => `user ${userId}: ${scores[notFiniteAt]} at rank ${rank}`)
    }
    if (risesAt >= 0) {
      const [before, after] = [scores[risesAt - 1], scores[risesAt]]
      const rank = risesAt - start + 1
      this.#faults.add('SCORE_ORDER', () => `user ${userId}: ${after} at rank ${rank}, after ${before}`)
    }
  }

  #checkLength(userId: string, length: number, seen: number | undefined): void {
    const known = this.#catalogue.known
    if (known === undefined || seen === undefined) return
    const left = Math.min(known - seen, this.#k ?? 1)
    if (length >= left) return
    const name = length === 0 ? 'EMPTY_LISTS' : 'SHORT_LISTS'
    this.#faults.add(name, () => `user ${userId}: ${length} items, want ${left}`)
  }
}
