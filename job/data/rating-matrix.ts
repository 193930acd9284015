import { type CsrMatrix, csrFromPairs } from './csr-matrix.ts'
import type { Dataset, DatasetExtent } from './dataset.ts'
import { allRows, counts, type RowRules } from './row-rules.ts'

/** Consecutive users: from `first` up to `end`, which is not among them. */
export interface UserRange {
  first: number
  end: number
}

/**
 * R, `[users, items]`, from a dataset's shards: every interaction that counts is a one, repeats are folded.
 *
 * @param range whose rows alone are wanted: row 0 is then user `first`
 */
export async function readRatings(
  dataset: Dataset,
  extent: DatasetExtent = dataset.extent,
  rules: RowRules = allRows,
  range: UserRange = { first: 0, end: extent.users },
): Promise<CsrMatrix> {
  const rows = dataset.manifest.parts.slice(0, extent.parts).reduce((sum, part) => sum + part.rows, 0)
  const share = (range.end - range.first) / Math.max(1, extent.users)
  // Of some users, a little more than their share: growing costs a copy, and twice the memory for a moment.
  const pairs = new PairList(share === 1 ? rows : Math.ceil(1.1 * share * rows) + 1024)
  for await (const part of dataset.interactions(extent)) {
    for (let i = 0; i < part.users.length; i++) {
      const user = part.users[i]
      if (user < range.first || user >= range.end || !counts(rules, part, i)) continue
      pairs.add(user - range.first, part.items[i])
    }
  }
  return csrFromPairs(pairs.users, pairs.items, range.end - range.first, extent.items)
}

/** Pairs, as many as come. */
class PairList {
  #users: Uint32Array
  #items: Uint32Array
  #length = 0

  constructor(room: number) {
    this.#users = new Uint32Array(room)
    this.#items = new Uint32Array(room)
  }

  add(user: number, item: number): void {
    if (this.#length === this.#users.length) {
      const room = 2 * this.#length
      this.#users = grown(this.#users, room)
      this.#items = grown(this.#items, room)
    }
    this.#users[this.#length] = user
    this.#items[this.#length++] = item
  }

  get users(): Uint32Array {
    return this.#users.subarray(0, this.#length)
  }

  get items(): Uint32Array {
    return this.#items.subarray(0, this.#length)
  }
}

function grown(values: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(values)
  return larger
}
