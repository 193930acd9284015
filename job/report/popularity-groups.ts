/** A tenth of the catalogue, by popularity: its share of all interactions, and of the places in lists' first ten. */
export interface PopularityGroup {
  /** From 1, the most popular tenth. */
  group: number
  items: number
  ofInteractions: number
  ofPlaces: number
}

const groupCount = 10

/**
 * Divides the catalogue by popularity into tenths of equally many items. Of equal ones the lower index is the more popular.
 *
 * @param counts how many users have each item, `[items]`
 * @param inFirst how many lists have each item among their first ten, `[items]`; items beyond it have none
 */
export function popularityGroups(counts: Uint32Array, inFirst: Uint32Array): PopularityGroup[] {
  const order = Uint32Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
  const groups = Math.min(groupCount, order.length)
  const share = (of: Uint32Array, items: Uint32Array) => sumAt(of, items) / Math.max(1, sumAt(of, order))
  return Array.from({ length: groups }, (_, n) => {
    const items = order.subarray(
      Math.floor((n * order.length) / groups),
      Math.floor(((n + 1) * order.length) / groups),
    )
    return {
      ...{ group: n + 1, items: items.length },
      ...{ ofInteractions: share(counts, items), ofPlaces: share(inFirst, items) },
    }
  })
}

function sumAt(values: Uint32Array, items: Uint32Array): number {
  return items.reduce((sum, item) => sum + (values[item] ?? 0), 0)
}
