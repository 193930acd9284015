/** How two lists of one user differ. */
export interface ListDifference {
  /** Shared items in the first d of both, over d: for each depth. */
  overlaps: Float64Array
  /**
   * Spearman's rank correlation of the shared items' order, from -1 to 1; NaN where fewer than two are shared:
   *
   *     rho = 1 - 6 sum d_i^2 / (m (m^2 - 1)),    d_i the difference of item i's places among the m shared ones
   */
  correlation: number
}

/** Compares lists of at most `k` items, of a catalogue that may grow. */
export class ListComparer {
  readonly #depths: readonly number[]
  /** Where in the second list an item stands, from 1; 0: nowhere. */
  #placeInOther = new Uint32Array(1024)

  /** @param depths ascending */
  constructor(depths: readonly number[]) {
    this.#depths = depths
  }

  compare(one: Uint32Array, other: Uint32Array): ListDifference {
    const most = Math.max(0, this.#placeInOther.length - 1)
    const highest = Math.max(largest(one), largest(other))
    if (highest > most) this.#placeInOther = new Uint32Array(2 * highest + 1)
    const places = this.#placeInOther
    for (let n = 0; n < other.length; n++) places[other[n]] = n + 1
    /** Places in the second list of the shared items, in the order of the first. */
    const shared: number[] = []
    /** Shared items by the depth from which both lists hold them. */
    const from = new Uint32Array(Math.max(one.length, other.length) + 1)
    for (let n = 0; n < one.length; n++) {
      const place = places[one[n]]
      if (place === 0) continue
      shared.push(place)
      from[Math.max(n + 1, place)]++
    }
    for (let n = 0; n < other.length; n++) places[other[n]] = 0
    return { overlaps: this.#overlaps(from), correlation: spearman(shared) }
  }

  #overlaps(from: Uint32Array): Float64Array {
    const longest = from.length - 1
    let depth = 0
    let count = 0
    return Float64Array.from(this.#depths, (wanted) => {
      for (; depth < Math.min(wanted, longest); depth++) count += from[depth + 1]
      return longest === 0 ? 1 : count / Math.min(wanted, longest)
    })
  }
}

/** @param places in the second list, in the order of the first; each once */
function spearman(places: readonly number[]): number {
  const m = places.length
  if (m < 2) return Number.NaN
  /** Place in the second list -> rank in the first, from 1; 0: not shared. */
  const rankAt = new Uint32Array(Math.max(...places) + 1)
  for (let rank = 0; rank < m; rank++) rankAt[places[rank]] = rank + 1
  let squares = 0
  let other = 0
  for (let place = 0; place < rankAt.length; place++) {
    if (rankAt[place] === 0) continue
    squares += (rankAt[place] - ++other) ** 2
  }
  return 1 - (6 * squares) / (m * (m * m - 1))
}

function largest(items: Uint32Array): number {
  let most = 0
  for (let i = 0; i < items.length; i++) if (items[i] > most) most = items[i]
  return most
}
