/** The best items of one user, best first. */
export interface TopK {
  /** `[at most k]` */
  items: Uint32Array
  /** Matched with `items`, descending. `[at most k]` */
  scores: Float32Array
}

/**
 * The k highest scores and their indexes; of equal scores the lower index comes first.
 *
 * Only scores above -Infinity count, so whoever masks an item sets it to that; a list is shorter than k only
 * where fewer are left. A heap of the k best so far: most scores fail its first comparison, so this costs
 * little more than reading them.
 *
 * @param scores `[items]`, not changed
 */
export function selectTopK(scores: Float32Array, k: number): TopK {
  // A binary heap with the worst of the best at its root: lowest score, and of those the highest index.
  const heapItems = new Uint32Array(k)
  const heapScores = new Float32Array(k)
  let size = 0
  const isWorse = (a: number, b: number) =>
    heapScores[a] < heapScores[b] || (heapScores[a] === heapScores[b] && heapItems[a] > heapItems[b])
  const swap = (a: number, b: number) => {
    const item = heapItems[a]
    const score = heapScores[a]
    heapItems[a] = heapItems[b]
    heapScores[a] = heapScores[b]
    heapItems[b] = item
    heapScores[b] = score
  }
  const sink = (end: number) => {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      let worst = parent
      if (left < end && isWorse(left, worst)) worst = left
      if (left + 1 < end && isWorse(left + 1, worst)) worst = left + 1
      if (worst === parent) return
      swap(parent, worst)
      parent = worst
    }
  }
  let threshold = Number.NEGATIVE_INFINITY
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]
    // An equal score comes later, so its index is higher and it loses.
    if (!(score > threshold)) continue
    if (size < k) {
      heapItems[size] = item
      heapScores[size] = score
      for (let child = size++; child > 0; ) {
        const parent = (child - 1) >> 1
        if (!isWorse(child, parent)) break
        swap(child, parent)
        child = parent
      }
    } else {
      heapItems[0] = item
      heapScores[0] = score
      sink(size)
    }
    if (size === k) threshold = heapScores[0]
  }
  // The worst goes to the end, again and again: what stays is in order, best first.
  for (let end = size - 1; end > 0; end--) {
    swap(0, end)
    sink(end)
  }
  return { items: heapItems.slice(0, size), scores: heapScores.slice(0, size) }
}
