/**
 * The paper's metrics, as its authors' evaluation counts them (section 5.2 and their code). With `hits` the
 * relevant items among the first k of a list, and `relevant` the user's distinct held-out items:
 *
 *   precision@k = hits / k                     even where the list is shorter
 *   recall@k    = hits / relevant              not min(k, relevant); items that cannot be hit count as well
 *   NDCG@k      = sum over hits of 1 / log2(rank + 1), over the same sum with min(k, relevant) hits on top
 *
 * Each is averaged over users with at least one held-out item. F1@k is then computed from the two averages;
 * it is not the average of users' F1.
 */
export interface MetricsAtK {
  precision: number
  recall: number
  f1: number
  ndcg: number
}

/** What one user adds to the averages. */
export type UserMetrics = Omit<MetricsAtK, 'f1'>

/** What a hit counts in NDCG by its rank, from the top. `[k]` */
export function ndcgDiscounts(k: number): Float64Array {
  return Float64Array.from({ length: k }, (_, rank) => 1 / Math.log2(rank + 2))
}

/** Sums over users, for one k. */
export class MetricsSum {
  readonly k: number
  #users = 0
  #precision = 0
  #recall = 0
  #ndcg = 0
  #ndcgSquares = 0
  readonly #discounts: Float64Array
  readonly #ideal: Float64Array

  constructor(k: number) {
    this.k = k
    this.#discounts = ndcgDiscounts(k)
    this.#ideal = new Float64Array(k + 1)
    for (let n = 0; n < k; n++) this.#ideal[n + 1] = this.#ideal[n] + this.#discounts[n]
  }

  /** Counts one user, and tells what was counted; arguments as of {@link of}. */
  add(list: Uint32Array, isHit: (item: number) => boolean, relevant: number): UserMetrics {
    const user = this.of(list, isHit, relevant)
    const { precision, recall, ndcg } = user
    this.#users++
    this.#precision += precision
    this.#recall += recall
    this.#ndcg += ndcg
    this.#ndcgSquares += ndcg * ndcg
    return user
  }

  /**
   * One user's metrics, uncounted.
   *
   * @param list      item indexes, best first; only the first k are looked at
   * @param isHit     whether an item is held out
   * @param relevant  how many distinct items are held out, >= 1
   */
  of(list: Uint32Array, isHit: (item: number) => boolean, relevant: number): UserMetrics {
    let hits = 0
    let gain = 0
    for (let rank = 0; rank < Math.min(this.k, list.length); rank++) {
      if (!isHit(list[rank])) continue
      hits++
      gain += this.#discounts[rank]
    }
    return {
      precision: hits / this.k,
      recall: hits / relevant,
      ndcg: gain / this.#ideal[Math.min(this.k, relevant)],
    }
  }

  mean(): MetricsAtK {
    const users = Math.max(1, this.#users)
    const precision = this.#precision / users
    const recall = this.#recall / users
    return { precision, recall, f1: f1(precision, recall), ndcg: this.#ndcg / users }
  }

  /** The standard error of the mean NDCG over users: by how much it would differ with other users of the same kind. */
  ndcgError(): number {
    const n = this.#users
    if (n < 2) return 0
    const variance = (this.#ndcgSquares - this.#ndcg ** 2 / n) / (n - 1)
    return Math.sqrt(Math.max(0, variance) / n)
  }
}

/** The harmonic mean of precision and recall; 0 where both are. */
export function f1(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}
