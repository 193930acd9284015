import type { Catalogue, ScoreBatch } from '../../export/score-batch.ts'
import { ItemMarks } from '../../gate/list-checks.ts'
import type { FaultLog } from '../fault.ts'

/** One list, and what it must be measured by. */
interface CheckedList {
  userId: string
  items: Uint32Array
  scores: Float32Array
  /** Where in the list the first item stands that its user has already; -1: nowhere, or that is allowed. */
  seenAt: number
  /** Items that the user has, if lists may not hold them; undefined where that is not known. */
  seen: number | undefined
}

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

  check({ userId, items, scores, seenAt, seen }: CheckedList): void {
    const ids = this.#catalogue.ids
    const faults = this.#faults
    if (items.length !== scores.length || items.length > (this.#k ?? items.length)) {
      const k = this.#k === undefined ? '' : `, k is ${this.#k}`
      faults.add('LIST_SHAPE', () => `user ${userId}: ${items.length} items, ${scores.length} scores${k}`)
    }
    if (seenAt >= 0) {
      faults.add('SEEN_ITEMS', () => `user ${userId}: item ${ids[items[seenAt]]} at rank ${seenAt + 1}`)
    }
    this.#checkItems(userId, items)
    this.#checkScores(userId, scores)
    this.#checkLength(userId, items.length, seen)
  }

  #checkItems(userId: string, items: Uint32Array): void {
    const marks = this.#marks
    let twiceAt = -1
    let unknownAt = -1
    marks.clear()
    for (let i = 0; i < items.length; i++) {
      if (!marks.add(items[i])) twiceAt = i
      if (this.#catalogue.isUnknown(items[i])) unknownAt = i
    }
    const told = (at: number) => `user ${userId}: item ${this.#catalogue.ids[items[at]]} at rank ${at + 1}`
    if (twiceAt >= 0)
      this.#faults.add('DUPLICATE_ITEMS', () => `${told(twiceAt)} and ${items.indexOf(items[twiceAt]) + 1}`)
    if (unknownAt >= 0) this.#faults.add('UNKNOWN_ITEMS', () => told(unknownAt))
  }

  #checkScores(userId: string, scores: Float32Array): void {
    let notFiniteAt = -1
    let risesAt = -1
    for (let i = 0; i < scores.length; i++) {
      if (!Number.isFinite(scores[i])) notFiniteAt = i
      if (i > 0 && scores[i] > scores[i - 1]) risesAt = i
    }
    if (notFiniteAt >= 0) {
      this.#faults.add(
        'SCORE_NOT_FINITE',
        () => `user ${userId}: ${scores[notFiniteAt]} at rank ${notFiniteAt + 1}`,
      )
    }
    if (risesAt >= 0) {
      const [before, after] = [scores[risesAt - 1], scores[risesAt]]
      this.#faults.add(
        'SCORE_ORDER',
        () => `user ${userId}: ${after} at rank ${risesAt + 1}, after ${before}`,
      )
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
