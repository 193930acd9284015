import { adamRow } from '../../wasm/assembly/adam'
import { row } from '../../wasm/assembly/layout'
import { pointerAt, realAt } from './arguments'

/**
 * Adam's step of rows `begin` to `end` of a table; the rates stand in their slots.
 *
 * Arguments: table, bytes from weights to their first moments and from these to the second, gradients, stride of both, l2.
 */
export function adamRows(begin: i32, end: i32): void {
  const stride = pointerAt(3)
  const gradients = row(pointerAt(2), begin, stride)
  adamRow(row(pointerAt(0), begin, stride), pointerAt(1), gradients, <usize>(end - begin) * stride, realAt(4))
}
