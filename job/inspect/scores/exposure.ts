/** How the places of all lists are shared among the items. */
export interface Exposure {
  /** Items of the catalogue. */
  items: number
  /** Items that stand in some list. */
  listed: number
  /** 0: every item as often as any other; towards 1: one item has all places. */
  gini: number
  /**
   * The long tail, the items that are not among the fifth with most users: their share of all places, and of all rows of the
   * dataset beside it. Null without a dataset.
   */
  longTail: { items: number; placesShare: number; rowsShare: number } | null
}

/** The items with most users, as a share of the catalogue: the others are the long tail. */
const headShare = 0.2

/**
 * @param places in how many lists each item stands, `[items]`
 * @param owners how many users have each item, `[items]`; undefined without a dataset
 */
export function exposureOf(places: Uint32Array, owners: Uint32Array | undefined): Exposure {
  return {
    items: places.length,
    listed: places.reduce((count, n) => count + (n > 0 ? 1 : 0), 0),
    gini: gini(places),
    longTail: owners === undefined ? null : longTail(places, owners),
  }
}

/**
 * The Gini coefficient of some counts, 0 where there is nothing to share:
 *
 *     G = sum_i (2 i - n - 1) x_i / (n sum_i x_i),    x ascending, i from 1
 */
export function gini(counts: Uint32Array): number {
  const ascending = counts.slice().sort()
  const n = ascending.length
  let weighted = 0
  let total = 0
  for (let i = 0; i < n; i++) {
    weighted += (2 * (i + 1) - n - 1) * ascending[i]
    total += ascending[i]
  }
  return total === 0 ? 0 : weighted / (n * total)
}

function longTail(places: Uint32Array, owners: Uint32Array): Exposure['longTail'] {
  const byOwners = Uint32Array.from(owners.keys()).sort((a, b) => owners[b] - owners[a] || a - b)
  const tail = byOwners.subarray(Math.ceil(headShare * byOwners.length))
  const shareOf = (counts: Uint32Array) => {
    const total = counts.reduce((sum, n) => sum + n, 0)
    return total === 0 ? 0 : tail.reduce((sum, item) => sum + (counts[item] ?? 0), 0) / total
  }
  return { items: tail.length, placesShare: shareOf(places), rowsShare: shareOf(owners) }
}
