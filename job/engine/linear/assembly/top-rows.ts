import { at, row } from '../../wasm/assembly/layout'
import { mask, select } from '../../wasm/assembly/select'
import { pointerAt, wordAt } from './arguments'

/**
 * The k best of each row of scores, masked items left out: rows of k items and scores, and how many of them are filled.
 *
 * Arguments: scores, bytes of a row of them, items, k, offsets of masked items or 0, masked items, out: items, scores, lengths.
 */
export function topOfRows(begin: i32, end: i32): void {
  const rowBytes = pointerAt(1)
  const k = wordAt(3)
  for (let r = begin; r < end; r++) {
    const own = row(pointerAt(0), r, rowBytes)
    if (pointerAt(4) != 0) mask(own, pointerAt(4), pointerAt(5), r)
    const length = select(own, wordAt(2), k, at(pointerAt(6), r * k), at(pointerAt(7), r * k))
    store<i32>(at(pointerAt(8), r), length)
  }
}
