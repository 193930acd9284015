import { RankScoreCounter, type RankScores } from '../export/rank-scores.ts'
import { looked } from '../gate/list-checks.ts'

/** What a report shows of exported lists. */
export interface ListStatistics {
  lists: number
  k: number
  /** Lists that are shorter than k. */
  short: number
  /** Share of the catalogue that stands in anybody's first 1, 2, ... k. `[k]` */
  coverage: number[]
  /** How many lists have each item among their first ten. `[items]` */
  inFirst: Uint32Array
  /** From the first rank on. */
  scores: RankScores[]
}

/** Counts {@link ListStatistics}, a list at a time. */
export class ListTally {
  readonly #k: number
  readonly #inFirst: Uint32Array
  /** The best rank that each item has in any list, from 0; k where it is in none. `[items]` */
  readonly #bestRank: Uint32Array
  readonly #scores: RankScoreCounter
  #lists = 0
  #short = 0

  constructor(k: number, items: number) {
    this.#k = k
    this.#inFirst = new Uint32Array(items)
    this.#bestRank = new Uint32Array(items).fill(k)
    this.#scores = new RankScoreCounter(k)
  }

  /**
   * @param items a user's list, best first
   * @param scores matched with `items`
   */
  add(items: Uint32Array, scores: Float32Array): void {
    if (items.length < this.#k) this.#short++
    for (let rank = 0; rank < items.length; rank++) {
      const item = items[rank]
      if (rank < looked) this.#inFirst[item]++
      if (rank < this.#bestRank[item]) this.#bestRank[item] = rank
    }
    this.#scores.add(scores)
    this.#lists++
  }

  get statistics(): ListStatistics {
    const fresh = new Uint32Array(this.#k + 1)
    for (const rank of this.#bestRank) fresh[rank]++
    let covered = 0
    const coverage = Array.from({ length: this.#k }, (_, rank) => {
      covered += fresh[rank]
      return covered / Math.max(1, this.#bestRank.length)
    })
    return {
      ...{ lists: this.#lists, k: this.#k, short: this.#short },
      ...{ coverage, inFirst: this.#inFirst },
      scores: Array.from({ length: this.#k }, (_, rank) => this.#scores.at(rank + 1) ?? []).flat(),
    }
  }
}
