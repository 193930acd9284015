import { at, has, itemComponent, pointer, real, row, Slot, userComponent, word } from './layout'
import { dotRows } from './rows'
import { sigmoid } from './sigmoid'

/**
 * Decodes the block's sampled cells for local users `begin` to `end`, and differentiates the pairs' loss by each
 * component's output before its sigmoid.
 *
 * Only cells with a gradient are kept: they move to the front of the user's cells, `activeCounts` says how
 * many there are. The user's loss goes to `userLoss`, so that the block's sum has one order.
 */
export function decodePairs(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const scale = real(Slot.scale)
  const lossKind = word(Slot.loss)
  const margin = real(Slot.margin)
  const cells = pointer(Slot.cells)
  const gradientsU = pointer(Slot.cellUserGradients)
  const gradientsI = pointer(Slot.cellItemGradients)
  for (let u = begin; u < end; u++) {
    const firstCell = load<i32>(at(pointer(Slot.pairOffsets), u)) << 1
    const endCell = load<i32>(at(pointer(Slot.pairOffsets), u + 1)) << 1
    const user = load<i32>(at(pointer(Slot.blockUsers), u))
    const hidden = row(pointer(Slot.hiddenUsers), u, stride)
    const decoder = has(itemComponent) ? row(pointer(Slot.itemDecoder), user, stride) : 0
    const bias = has(itemComponent) ? load<f32>(at(pointer(Slot.itemOutputBias), user)) : 0
    let active = firstCell
    let loss: f32 = 0
    for (let c = firstCell; c < endCell; c += 2) {
      const positive = load<i32>(at(cells, c))
      const negative = load<i32>(at(cells, c + 1))
      const positiveU = has(userComponent) ? decodeUser(hidden, positive, stride) : 0
      const negativeU = has(userComponent) ? decodeUser(hidden, negative, stride) : 0
      const positiveI = has(itemComponent) ? decodeItem(decoder, bias, positive, stride) : 0
      const negativeI = has(itemComponent) ? decodeItem(decoder, bias, negative, stride) : 0
      const up = scale * (positiveU + positiveI)
      const down = scale * (negativeU + negativeI)
      let byPositive: f32 = 0
      let byNegative: f32 = 0
      if (lossKind == 0) {
        const short = down - up + margin
        if (short <= 0) continue
        loss += short
        byPositive = -1
        byNegative = 1
      } else if (lossKind == 1) {
        loss += (<f32>1 - up) * (<f32>1 - up) + down * down
        byPositive = -2 * (<f32>1 - up)
        byNegative = 2 * down
      } else {
        const wrong = sigmoid(down - up)
        loss -= NativeMathf.log(<f32>1 - wrong)
        byPositive = -wrong
        byNegative = wrong
      }
      // Cells already read are overwritten from the front: `active` never passes `c`.
      store<i32>(at(cells, active), positive)
      store<f32>(at(gradientsU, active), byPositive * scale * positiveU * (<f32>1 - positiveU))
      store<f32>(at(gradientsI, active), byPositive * scale * positiveI * (<f32>1 - positiveI))
      store<i32>(at(cells, active + 1), negative)
      store<f32>(at(gradientsU, active + 1), byNegative * scale * negativeU * (<f32>1 - negativeU))
      store<f32>(at(gradientsI, active + 1), byNegative * scale * negativeI * (<f32>1 - negativeI))
      active += 2
    }
    store<i32>(at(pointer(Slot.activeCounts), u), active - firstCell)
    store<f32>(at(pointer(Slot.userLoss), u), loss)
  }
}

/** sigma(h_u W^U_i + b2^U_i) */
// @ts-ignore: decorator
@inline
function decodeUser(hidden: usize, localItem: i32, stride: usize): f32 {
  const item = load<i32>(at(pointer(Slot.blockItems), localItem))
  const dot = dotRows(hidden, row(pointer(Slot.userDecoder), item, stride), stride)
  return sigmoid(dot + load<f32>(at(pointer(Slot.userOutputBias), item)))
}

/** sigma(h_i W^I_u + b2^I_u) */
// @ts-ignore: decorator
@inline
function decodeItem(decoder: usize, bias: f32, localItem: i32, stride: usize): f32 {
  return sigmoid(dotRows(row(pointer(Slot.hiddenItems), localItem, stride), decoder, stride) + bias)
}

/**
 * Sorts the active cells by item (a counting sort, stable: users stay ascending), so that items too can
 * gather what is theirs. `itemOffsets` is `[batchItems + 1]`.
 */
export function sortCellsByItem(): void {
  const userCount = word(Slot.blockUserCount)
  const itemCount = word(Slot.blockItemCount)
  const cells = pointer(Slot.cells)
  const pairOffsets = pointer(Slot.pairOffsets)
  const activeCounts = pointer(Slot.activeCounts)
  const offsets = pointer(Slot.itemOffsets)
  memory.fill(offsets, 0, (<usize>itemCount + 2) << 2)
  // Counts go two places up, so that after the scatter every offset has moved into its own place.
  for (let u = 0; u < userCount; u++) {
    const first = load<i32>(at(pairOffsets, u)) << 1
    const end = first + load<i32>(at(activeCounts, u))
    for (let c = first; c < end; c++) {
      const slot = at(offsets, load<i32>(at(cells, c)) + 2)
      store<i32>(slot, load<i32>(slot) + 1)
    }
  }
  for (let i = 2; i <= itemCount; i++) {
    store<i32>(at(offsets, i), load<i32>(at(offsets, i)) + load<i32>(at(offsets, i - 1)))
  }
  for (let u = 0; u < userCount; u++) {
    const first = load<i32>(at(pairOffsets, u)) << 1
    const end = first + load<i32>(at(activeCounts, u))
    for (let c = first; c < end; c++) {
      const slot = at(offsets, load<i32>(at(cells, c)) + 1)
      const to = load<i32>(slot)
      store<i32>(slot, to + 1)
      store<i32>(at(pointer(Slot.itemCellUsers), to), u)
      store<f32>(at(pointer(Slot.itemCellUserGradients), to), load<f32>(at(pointer(Slot.cellUserGradients), c)))
      store<f32>(at(pointer(Slot.itemCellItemGradients), to), load<f32>(at(pointer(Slot.cellItemGradients), c)))
    }
  }
}
