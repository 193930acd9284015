import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'

/** How many of a list people look at: what coverage and the share of one item are counted over. */
export const looked = 10

/** What can be told of lists without knowing what people will like. */
export interface ListFacts {
  lists: number
  /** Empty ones, of users for whom something was left to recommend. */
  empty: number
  /** Lists that hold an item which the user has. */
  withSeen: number
  /** The item that stands in most lists' first ten, and in what share of them. */
  commonest: { item: number; share: number }
  /** Share of the catalogue that stands in anybody's first ten. */
  coverage: number
}

/** Counts {@link ListFacts}, a list at a time. */
export class ListCounter {
  readonly #known: CsrMatrix | undefined
  readonly #inFirst: Uint32Array
  #lists = 0
  #empty = 0
  #withSeen = 0

  /**
   * @param itemCount of the catalogue
   * @param known `[users, items]`: what no list may hold; undefined where it may
   */
  constructor(itemCount: number, known: CsrMatrix | undefined) {
    this.#known = known
    this.#inFirst = new Uint32Array(itemCount)
  }

  /** @param items a user's whole list, best first */
  add(user: number, items: Uint32Array): void {
    const seen = this.#known === undefined ? undefined : rowOf(this.#known, user)
    this.#lists++
    if (items.length === 0 && (seen?.length ?? 0) < this.#inFirst.length) this.#empty++
    if (seen !== undefined && items.some((item) => seen.includes(item))) this.#withSeen++
    for (const item of items.subarray(0, looked)) this.#inFirst[item]++
  }

  get facts(): ListFacts {
    let item = 0
    let covered = 0
    for (let i = 0; i < this.#inFirst.length; i++) {
      if (this.#inFirst[i] > 0) covered++
      if (this.#inFirst[i] > this.#inFirst[item]) item = i
    }
    const lists = Math.max(1, this.#lists)
    return {
      lists: this.#lists,
      empty: this.#empty,
      withSeen: this.#withSeen,
      commonest: { item, share: (this.#inFirst[item] ?? 0) / lists },
      coverage: covered / Math.max(1, this.#inFirst.length),
    }
  }
}

/**
 * The share of the lists' first ten that one item may stand in: half of them. A catalogue of a few dozen items has to repeat
 * itself, so there it is more.
 */
export function commonestMax(itemCount: number): number {
  return Math.min(1, Math.max(0.5, (2 * looked) / Math.max(1, itemCount)))
}
