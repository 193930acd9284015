import { at, has, itemComponent, pointer, real, row, Slot, userComponent, word } from './layout'
import { dotFourRows } from './rows'
import { sigmoid, sigmoid4 } from './sigmoid'

// The block's sampled cells, four at a time: four rows that lie anywhere against one that stays in the first-level
// cache. One component after the other, so that the rows in use fit the second level.

/** Outputs sigma(h_u W^U_i + b2^U_i) of the cells of local users `begin` to `end`, into `cellUserGradients`. */
export function decodeUserCells(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const cells = pointer(Slot.cells)
  const items = pointer(Slot.blockItems)
  const table = pointer(Slot.userDecoder)
  const biases = pointer(Slot.userOutputBias)
  const outputs = pointer(Slot.cellUserGradients)
  for (let u = begin; u < end; u++) {
    const first = load<i32>(at(pointer(Slot.pairOffsets), u)) << 1
    const endCell = load<i32>(at(pointer(Slot.pairOffsets), u + 1)) << 1
    const hidden = row(pointer(Slot.hiddenUsers), u, stride)
    for (let c = first; c < endCell; c += 4) {
      // An odd last pair is decoded twice; only its own outputs are stored.
      const second = c + 2 < endCell ? 2 : 0
      const cell = at(cells, c)
      const i0 = load<i32>(at(items, load<i32>(cell)))
      const i1 = load<i32>(at(items, load<i32>(cell, 4)))
      const i2 = load<i32>(at(items, load<i32>(at(cell, second))))
      const i3 = load<i32>(at(items, load<i32>(at(cell, second), 4)))
      const dots = dotFourRows(hidden, row(table, i0, stride), row(table, i1, stride), row(table, i2, stride), row(table, i3, stride), stride)
      let bias = v128.load32_zero(at(biases, i0))
      bias = v128.load_lane<f32>(at(biases, i1), bias, 1)
      bias = v128.load_lane<f32>(at(biases, i2), bias, 2)
      bias = v128.load_lane<f32>(at(biases, i3), bias, 3)
      storeFour(at(outputs, c), f32x4.add(dots, bias), second)
    }
    squash(at(outputs, first), endCell - first)
  }
}

/** Outputs sigma(h_i W^I_u + b2^I_u) of the cells of local users `begin` to `end`, into `cellItemGradients`. */
export function decodeItemCells(begin: i32, end: i32): void {
  const stride = word(Slot.stride) as usize
  const cells = pointer(Slot.cells)
  const table = pointer(Slot.hiddenItems)
  const outputs = pointer(Slot.cellItemGradients)
  for (let u = begin; u < end; u++) {
    const first = load<i32>(at(pointer(Slot.pairOffsets), u)) << 1
    const endCell = load<i32>(at(pointer(Slot.pairOffsets), u + 1)) << 1
    const user = load<i32>(at(pointer(Slot.blockUsers), u))
    const decoder = row(pointer(Slot.itemDecoder), user, stride)
    const bias = v128.load32_splat(at(pointer(Slot.itemOutputBias), user))
    for (let c = first; c < endCell; c += 4) {
      const second = c + 2 < endCell ? 2 : 0
      const cell = at(cells, c)
      const i0 = load<i32>(cell)
      const i1 = load<i32>(cell, 4)
      const i2 = load<i32>(at(cell, second))
      const i3 = load<i32>(at(cell, second), 4)
      const dots = dotFourRows(decoder, row(table, i0, stride), row(table, i1, stride), row(table, i2, stride), row(table, i3, stride), stride)
      storeFour(at(outputs, c), f32x4.add(dots, bias), second)
    }
    squash(at(outputs, first), endCell - first)
  }
}

/**
 * An even number of sums through the sigmoid, in place. On its own, for a sigmoid is one long chain of dependent
 * steps: between two groups of dots it would hold them up, here the next one overlaps it.
 */
// @ts-ignore: decorator
@inline
function squash(values: usize, count: i32): void {
  for (let c = 0; c < count; c += 4) storeFour(at(values, c), sigmoid4(v128.load(at(values, c))), count - c - 2)
}

/** Two numbers, and the next two as well where `more` is positive. */
// @ts-ignore: decorator
@inline
function storeFour(to: usize, values: v128, more: i32): void {
  if (more > 0) v128.store(to, values)
  else v128.store_lane<f64>(to, values, 0)
}

/**
 * The pairs' loss, and its derivatives by each component's output before its sigmoid, which take the places of the
 * outputs in `cellUserGradients` and `cellItemGradients`.
 *
 * Only cells with a gradient are kept: they move to the front of the user's cells, `activeCounts` says how
 * many there are. The user's loss goes to `userLoss`, so that the block's sum has one order.
 */
export function differentiatePairs(begin: i32, end: i32): void {
  const scale = real(Slot.scale)
  const lossKind = word(Slot.loss)
  const margin = real(Slot.margin)
  const cells = pointer(Slot.cells)
  const byUser = pointer(Slot.cellUserGradients)
  const byItem = pointer(Slot.cellItemGradients)
  const hasUser = has(userComponent)
  const hasItem = has(itemComponent)
  for (let u = begin; u < end; u++) {
    const firstCell = load<i32>(at(pointer(Slot.pairOffsets), u)) << 1
    const endCell = load<i32>(at(pointer(Slot.pairOffsets), u + 1)) << 1
    let active = firstCell
    let loss: f32 = 0
    for (let c = firstCell; c < endCell; c += 2) {
      const positiveU = hasUser ? load<f32>(at(byUser, c)) : 0
      const negativeU = hasUser ? load<f32>(at(byUser, c), 4) : 0
      const positiveI = hasItem ? load<f32>(at(byItem, c)) : 0
      const negativeI = hasItem ? load<f32>(at(byItem, c), 4) : 0
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
      const positive = load<i32>(at(cells, c))
      const negative = load<i32>(at(cells, c), 4)
      store<i32>(at(cells, active), positive)
      store<f32>(at(byUser, active), byPositive * scale * positiveU * (<f32>1 - positiveU))
      store<f32>(at(byItem, active), byPositive * scale * positiveI * (<f32>1 - positiveI))
      store<i32>(at(cells, active), negative, 4)
      store<f32>(at(byUser, active), byNegative * scale * negativeU * (<f32>1 - negativeU), 4)
      store<f32>(at(byItem, active), byNegative * scale * negativeI * (<f32>1 - negativeI), 4)
      active += 2
    }
    store<i32>(at(pointer(Slot.activeCounts), u), active - firstCell)
    store<f32>(at(pointer(Slot.userLoss), u), loss)
  }
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
