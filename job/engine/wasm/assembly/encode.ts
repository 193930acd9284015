import { at, has, itemFactor, pointer, real, row, Slot, userVector, word } from './layout'
import { sumRows } from './rows'
import { sigmoid4 } from './sigmoid'

// Hidden layers: gather the encoder's rows of a rating vector, add the bias, squash. Numbers behind the hidden
// size (up to the stride) are kept at zero, so that no other kernel has to know of them.

/**
 * Local users `begin` to `end` of the block: sigma(R_u V^U + b1^U) into `hiddenUsers`, with the user's vector in the sum
 * where the model has one. What is read is the block's own input where there is one, each cell of it scaled.
 */
export function encodeUsers(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const bytes = (word(Slot.hidden) as usize) << 2
  const isCorrupted = pointer(Slot.inputOffsets) != 0
  const offsets = isCorrupted ? pointer(Slot.inputOffsets) : pointer(Slot.ratingOffsets)
  const items = isCorrupted ? pointer(Slot.inputItems) : pointer(Slot.ratingItems)
  const scale = f32x4.splat(real(Slot.inputScale))
  const bias = pointer(Slot.userHiddenBias)
  for (let u = begin; u < end; u++) {
    const user = load<i32>(at(pointer(Slot.blockUsers), u))
    const own = isCorrupted ? u : user
    const first = load<i32>(at(offsets, own))
    const count = load<i32>(at(offsets, own + 1)) - first
    const out = row(pointer(Slot.hiddenUsers), u, stride)
    sumRows(out, pointer(Slot.userEncoder), at(items, first), count, stride)
    const vector = has(userVector) ? row(pointer(Slot.userVector), user, stride) : 0
    for (let k: usize = 0; k < stride; k += 16) {
      // Times one is the sum itself, to the bit.
      let sum = f32x4.add(f32x4.mul(scale, v128.load(out + k)), v128.load(bias + k))
      if (vector != 0) sum = f32x4.add(sum, v128.load(vector + k))
      v128.store(out + k, sigmoid4(sum))
    }
    clearTail(out, bytes, stride)
  }
}

/** Local items: sigma((R^T_i V^I + b1^I) * f_i) into `hiddenItems`, the sum before f into `sumItems`. */
export function encodeItems(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const offsets = pointer(Slot.raterOffsets)
  for (let i = begin; i < end; i++) {
    const item = load<i32>(at(pointer(Slot.blockItems), i))
    const first = load<i32>(at(offsets, item))
    const count = load<i32>(at(offsets, item + 1)) - first
    const sum = row(pointer(Slot.sumItems), i, stride)
    sumRows(sum, pointer(Slot.itemEncoder), at(pointer(Slot.raterUsers), first), count, stride)
    squashItem(sum, row(pointer(Slot.hiddenItems), i, stride), item, stride)
  }
}

/**
 * Adds the encoder's rows of some more raters to the sums of items `begin` to `end`: for where the encoder passes
 * through memory block by block. `itemEncoder` is a table of what is at hand, `raterUsers` are rows of that.
 */
export function gatherItems(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const offsets = pointer(Slot.raterOffsets)
  for (let item = begin; item < end; item++) {
    const first = load<i32>(at(offsets, item))
    const count = load<i32>(at(offsets, item + 1)) - first
    const sum = row(pointer(Slot.sumItems), item, stride)
    sumRows(sum, pointer(Slot.itemEncoder), at(pointer(Slot.raterUsers), first), count, stride, true)
  }
}

/** Hidden layers of items `begin` to `end` from sums that are complete. */
export function squashItems(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  for (let item = begin; item < end; item++) {
    const sum = row(pointer(Slot.sumItems), item, stride)
    squashItem(sum, row(pointer(Slot.hiddenItems), item, stride), item, stride)
  }
}

/** out = sigma((sum + b1^I) * f_i); the bias stays in `sum`. */
// @ts-ignore: decorator
@inline
function squashItem(sum: usize, out: usize, item: i32, stride: usize): void {
  const bias = pointer(Slot.itemHiddenBias)
  const factor = f32x4.splat(factorOf(item))
  for (let k: usize = 0; k < stride; k += 16) {
    const total = f32x4.add(v128.load(sum + k), v128.load(bias + k))
    v128.store(sum + k, total)
    v128.store(out + k, sigmoid4(f32x4.mul(total, factor)))
  }
  clearTail(out, (word(Slot.hidden) as usize) << 2, stride)
}

/** f_i, or one where the model has no item factor. */
// @ts-ignore: decorator
@inline
export function factorOf(item: i32): f32 {
  return has(itemFactor) ? load<f32>(at(pointer(Slot.itemFactor), item)) : <f32>1
}

// @ts-ignore: decorator
@inline
function clearTail(out: usize, bytes: usize, stride: usize): void {
  for (let k = bytes; k < stride; k += 4) store<f32>(out + k, 0)
}
