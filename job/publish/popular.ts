import type { PopularItem } from '../../shared/version-meta.ts'
import type { ItemTable } from '../data/dataset.ts'

const popularMax = 200

/** The items that most users have, most first, ties to the lower index; 200 at most. `counts` is `[items]`. */
export function popularItems(items: ItemTable, counts: Uint32Array): PopularItem[] {
  const byCount = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
  return byCount.slice(0, popularMax).map((index) => ({
    itemId: items.ids[index] ?? '',
    title: items.titles?.[index] ?? '',
    count: counts[index],
  }))
}
