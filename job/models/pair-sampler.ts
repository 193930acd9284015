import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { Random } from '../data/random.ts'
import type { Block } from '../engine/engine.ts'
import type { BlockIndexes } from './block-sampler.ts'

/**
 * Makes the pairs of a block: every observed cell in it, each against one unobserved cell of the same user in
 * the same block, drawn anew each time it is met (with replacement between positives, as the authors' code).
 *
 * A user who has every item of the block has nothing to be compared with and yields no pairs.
 */
export class PairSampler {
  readonly #ratings: CsrMatrix
  /** Place of each item in the block + 1; 0 outside. `[items]` */
  readonly #localItem: Uint32Array
  /** For which user (a running number) an item of the block was last seen. `[items of the block]` */
  #seenBy: Uint32Array
  #turn = 0

  constructor(ratings: CsrMatrix) {
    this.#ratings = ratings
    this.#localItem = new Uint32Array(ratings.columnCount)
    this.#seenBy = new Uint32Array(0)
  }

  sample({ users, items }: BlockIndexes, random: Random): Block {
    const { rowOffsets, columns } = this.#ratings
    const localItem = this.#localItem
    const itemCount = items.length
    if (this.#seenBy.length < itemCount) this.#seenBy = new Uint32Array(itemCount)
    const seenBy = this.#seenBy
    for (let i = 0; i < itemCount; i++) localItem[items[i]] = i + 1

    let ratingCount = 0
    for (const user of users) ratingCount += rowOffsets[user + 1] - rowOffsets[user]
    const cells = new Uint32Array(2 * ratingCount)
    const pairOffsets = new Uint32Array(users.length + 1)
    let filled = 0
    for (let u = 0; u < users.length; u++) {
      if (++this.#turn === 0xffffffff) {
        seenBy.fill(0)
        this.#turn = 1
      }
      const turn = this.#turn
      const first = filled
      for (let p = rowOffsets[users[u]]; p < rowOffsets[users[u] + 1]; p++) {
        const local = localItem[columns[p]]
        if (local === 0) continue
        seenBy[local - 1] = turn
        cells[filled] = local - 1
        filled += 2
      }
      const observed = (filled - first) / 2
      if (observed === itemCount) {
        filled = first
      } else if (2 * observed <= itemCount) {
        // At least half of all draws hit an unobserved item.
        for (let c = first; c < filled; c += 2) {
          let drawn = random.below(itemCount)
          while (seenBy[drawn] === turn) drawn = random.below(itemCount)
          cells[c + 1] = drawn
        }
      } else {
        const unobserved = new Uint32Array(itemCount - observed)
        for (let i = 0, n = 0; i < itemCount; i++) if (seenBy[i] !== turn) unobserved[n++] = i
        for (let c = first; c < filled; c += 2) cells[c + 1] = unobserved[random.below(unobserved.length)]
      }
      pairOffsets[u + 1] = filled / 2
    }
    for (const item of items) localItem[item] = 0
    return { users, items, pairOffsets, cells: cells.slice(0, filled) }
  }
}
