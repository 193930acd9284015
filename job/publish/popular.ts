import type { PopularItem } from '../../shared/version-meta.ts'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { ItemTable } from '../data/dataset.ts'

export const popularMax = 200

/** In how many users' rows each item is. `ratings` is `[users, items]`; the answer `[items]`. */
export function countUsers(ratings: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(ratings.columnCount)
  for (const item of ratings.columns) counts[item]++
  return counts
}

/** The items that most users have, most first, ties to the lower index; {@link popularMax} at most. */
export function popularItems(items: ItemTable, counts: Uint32Array): PopularItem[] {
  const byCount = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
  return byCount.slice(0, popularMax).map((index) => ({
    itemId: items.ids[index] ?? '',
    title: items.titles?.[index] ?? '',
    count: counts[index],
  }))
}
