import { at, pointer, row, Slot, word } from './layout'
import { scoreRows } from './score'
import { mask, select } from './select'

// The k best items of users: scores of a few users at a time, which stay in the second-level cache, known items masked,
// and a selection that reads each score once.

/**
 * Ranks the block's users `begin` to `end`: `topItems` and `topScores` get rows of k, `topLengths` how many of them are
 * filled.
 *
 * @param scores room for `end - begin` rows of `scoreRowBytes`
 */
export function rankRows(begin: i32, end: i32, scores: usize): void {
  const k = word(Slot.topCount)
  scoreRows(begin, end, scores)
  for (let r = begin; r < end; r++) {
    const own = row(scores, r - begin, word(Slot.scoreRowBytes) as usize)
    if (pointer(Slot.maskOffsets) != 0) mask(own, pointer(Slot.maskOffsets), pointer(Slot.maskItems), r)
    const items = at(pointer(Slot.topItems), r * k)
    const best = at(pointer(Slot.topScores), r * k)
    store<i32>(at(pointer(Slot.topLengths), r), select(own, word(Slot.items), k, items, best))
  }
}
