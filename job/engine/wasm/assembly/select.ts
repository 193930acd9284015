import { at } from './layout'

/** Scores of row r's masked items become -Infinity: `items[offsets[r]]` up to `items[offsets[r + 1]]`. */
export function mask(scores: usize, offsets: usize, items: usize, r: i32): void {
  const end = at(items, load<i32>(at(offsets, r + 1)))
  for (let p = at(items, load<i32>(at(offsets, r))); p < end; p += 4) {
    store<f32>(at(scores, load<i32>(p)), -Infinity)
  }
}

/**
 * The k highest of `count` scores above -Infinity, best first, of equal ones the lower index first; returns how many
 * there are. A heap of the best so far, the worst of them at its root: what does not beat that is passed over, four
 * scores in a step.
 */
export function select(scores: usize, count: i32, k: i32, items: usize, best: usize): i32 {
  let size = 0
  let threshold = -Infinity as f32
  for (let c = 0; c < count; c += 4) {
    let beats = i32x4.bitmask(f32x4.gt(v128.load(at(scores, c)), f32x4.splat(threshold)))
    if (count - c < 4) beats &= (1 << (count - c)) - 1
    for (; beats != 0; beats &= beats - 1) {
      const item = c + ctz(beats)
      const score = load<f32>(at(scores, item))
      // The threshold may have risen within these four. An equal score comes later, so it loses.
      if (!(score > threshold)) continue
      if (size < k) {
        rise(items, best, size++, item, score)
      } else {
        sink(items, best, size, item, score)
      }
      if (size == k) threshold = load<f32>(best)
    }
  }
  // The worst goes to the end, again and again: what stays is in order, best first.
  for (let end = size - 1; end > 0; end--) {
    const item = load<i32>(at(items, end))
    const score = load<f32>(at(best, end))
    store<i32>(at(items, end), load<i32>(items))
    store<f32>(at(best, end), load<f32>(best))
    sink(items, best, end, item, score)
  }
  return size
}

/** Puts an entry in at the bottom of a heap and lets it rise to its place. */
function rise(items: usize, best: usize, place: i32, item: i32, score: f32): void {
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = load<f32>(at(best, parent))
    if (!isWorse(score, item, above, load<i32>(at(items, parent)))) break
    store<i32>(at(items, place), load<i32>(at(items, parent)))
    store<f32>(at(best, place), above)
    place = parent
  }
  store<i32>(at(items, place), item)
  store<f32>(at(best, place), score)
}

/** Puts an entry in at the root of a heap of `size`, in the root's stead, and lets it sink to its place. */
function sink(items: usize, best: usize, size: i32, item: i32, score: f32): void {
  let place = 0
  for (let child = 1; child < size; child = 2 * place + 1) {
    const right = child + 1
    if (
      right < size &&
      isWorse(load<f32>(at(best, right)), load<i32>(at(items, right)), load<f32>(at(best, child)), load<i32>(at(items, child)))
    ) {
      child = right
    }
    const below = load<f32>(at(best, child))
    if (!isWorse(below, load<i32>(at(items, child)), score, item)) break
    store<i32>(at(items, place), load<i32>(at(items, child)))
    store<f32>(at(best, place), below)
    place = child
  }
  store<i32>(at(items, place), item)
  store<f32>(at(best, place), score)
}

// @ts-ignore: decorator
@inline
function isWorse(score: f32, item: i32, otherScore: f32, otherItem: i32): bool {
  return score < otherScore || (score == otherScore && item > otherItem)
}
