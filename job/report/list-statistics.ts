import { looked } from '../gate/list-checks.ts'

/** Users whose scores are kept for the quantiles: more would not move them. */
const scoredUsersMax = 5000

/** Scores at one rank, over users: the tenth, the half and nine tenths of them lie below. */
interface ScoresAtRank {
  rank: number
  low: number
  median: number
  high: number
}

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
  scores: ScoresAtRank[]
}

/** Counts {@link ListStatistics}, a list at a time. */
export class ListTally {
  readonly #k: number
  readonly #every: number
  readonly #inFirst: Uint32Array
  /** The best rank that each item has in any list, from 0; k where it is in none. `[items]` */
  readonly #bestRank: Uint32Array
  readonly #scores: number[][]
  #lists = 0
  #short = 0

  constructor(k: number, users: number, items: number) {
    this.#k = k
    this.#every = Math.max(1, Math.ceil(users / scoredUsersMax))
    this.#inFirst = new Uint32Array(items)
    this.#bestRank = new Uint32Array(items).fill(k)
    this.#scores = Array.from({ length: k }, () => [])
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
      if (this.#lists % this.#every === 0) this.#scores[rank].push(scores[rank])
    }
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
      scores: this.#scores.flatMap((scores, rank) => (scores.length === 0 ? [] : [atRank(rank + 1, scores)])),
    }
  }
}

function atRank(rank: number, scores: readonly number[]): ScoresAtRank {
  const sorted = Float64Array.from(scores).sort()
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]
  return { rank, low: quantile(0.1), median: quantile(0.5), high: quantile(0.9) }
}
