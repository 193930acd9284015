/** Scores of the items at one rank, over lists. */
export interface RankScores {
  /** From 1. */
  rank: number
  lists: number
  mean: number
  low: number
  median: number
  high: number
}

/** Lists that medians are of. */
const sampleMax = 4096

/**
 * Scores by rank: means over every list, medians and tenths over an even sample (every list up to 4,096; of more, every 2nd,
 * 4th, ...).
 */
export class RankScoreCounter {
  readonly #ranks: number
  readonly #sums: Float64Array
  readonly #counts: Uint32Array
  #sample: Float32Array[] = []
  #every = 1
  #lists = 0

  /** @param ranks the longest list */
  constructor(ranks: number) {
    this.#ranks = ranks
    this.#sums = new Float64Array(ranks)
    this.#counts = new Uint32Array(ranks)
  }

  /** Scores of a list, `scores` from `start` up to `listEnd`, best first; what is not finite is left out. */
  add(scores: Float32Array, start = 0, listEnd = scores.length): void {
    const end = Math.min(listEnd - start, this.#ranks)
    const sums = this.#sums
    const counts = this.#counts
    for (let rank = 0; rank < end; rank++) {
      const score = scores[start + rank]
      if (!Number.isFinite(score)) continue
      sums[rank] += score
      counts[rank]++
    }
    if (this.#lists++ % this.#every !== 0) return
    if (this.#sample.length === sampleMax) {
      this.#sample = this.#sample.filter((_, i) => i % 2 === 0)
      this.#every *= 2
      if ((this.#lists - 1) % this.#every !== 0) return
    }
    this.#sample.push(scores.slice(start, start + end))
  }

  /** Lists that medians and tenths are of. */
  get sampled(): number {
    return this.#sample.length
  }

  at(rank: number): RankScores | undefined {
    const lists = this.#counts[rank - 1] ?? 0
    if (lists === 0) return undefined
    const scores = Float32Array.from(this.#sample, (list) => list[rank - 1] ?? Number.NaN)
      .filter(Number.isFinite)
      .sort()
    const part = (share: number) => scores[Math.floor(share * (scores.length - 1))] ?? Number.NaN
    const mean = this.#sums[rank - 1] / lists
    return { rank, lists, mean, low: part(0.1), median: part(0.5), high: part(0.9) }
  }

  /** Some ranks that tell the shape: 1, 2, 5, 10, 20, ... and the last. */
  get table(): RankScores[] {
    const some = [1, 2, 5, 10, 20, 50, 100, 200, 500].filter((rank) => rank < this.#ranks)
    return [...some, this.#ranks].map((rank) => this.at(rank)).filter((row) => row !== undefined)
  }

  /** Means from the first rank to the last. */
  get means(): number[] {
    return Array.from(this.#sums, (sum, rank) => sum / this.#counts[rank]).filter(Number.isFinite)
  }
}
