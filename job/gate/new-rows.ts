import { type CsrMatrix, csrFromPairs, rowOf } from '../data/csr-matrix.ts'
import type { Dataset, DatasetExtent } from '../data/dataset.ts'
import { counts } from '../data/row-rules.ts'

/**
 * The pairs that were imported after `before`, as far as a model of that time could have listed them: of users and items
 * that it knew, and new to the user. What neither contender has seen.
 *
 * @param known `[users, items]` of `before`: what one of the contenders has seen
 * @param minWeight rows under it are not counted; null: all are
 * @returns `[users, items]` of `before`
 */
export async function newRows(
  dataset: Dataset,
  before: DatasetExtent,
  known: CsrMatrix,
  minWeight: number | null,
): Promise<CsrMatrix> {
  const users: number[] = []
  const items: number[] = []
  let part = 0
  for await (const rows of dataset.interactions()) {
    if (part++ < before.parts) continue
    for (let row = 0; row < rows.users.length; row++) {
      const [user, item] = [rows.users[row], rows.items[row]]
      if (user >= before.users || item >= before.items) continue
      if (!counts({ since: null, minWeight }, rows, row)) continue
      if (contains(rowOf(known, user), item)) continue
      users.push(user)
      items.push(item)
    }
  }
  return csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), before.users, before.items)
}

/** @param ascending each value once */
function contains(ascending: Uint32Array, wanted: number): boolean {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < wanted) low = middle + 1
    else high = middle
  }
  return ascending[low] === wanted
}
