import { adamOne, adamRow } from './adam'
import { factorOf } from './encode'
import { at, has, itemComponent, itemFactor, pointer, real, row, Slot, userComponent, word } from './layout'
import { dotRows, sumRows, sumWeightedRows } from './rows'

// Backward, gathering only: every row of every gradient is summed by whoever owns it, from the cells and hidden
// layers that touch it, and goes straight into Adam. No scatter, no atomics; the order of every sum is fixed,
// whoever computes it.

/** Gradients by the users' hidden layers before their sigmoid, into `deltaUsers`. Reads the decoder. */
export function deltaOfUsers(begin: i32, end: i32, scratch: usize): void {
  const stride = word(Slot.stride) as usize
  for (let u = begin; u < end; u++) {
    const first = load<i32>(at(pointer(Slot.pairOffsets), u)) << 1
    const count = load<i32>(at(pointer(Slot.activeCounts), u))
    // Cells name local items; the decoder's rows are global.
    for (let c = 0; c < count; c++) {
      const local = load<i32>(at(pointer(Slot.cells), first + c))
      store<i32>(at(scratch, c), load<i32>(at(pointer(Slot.blockItems), local)))
    }
    const delta = row(pointer(Slot.deltaUsers), u, stride)
    const gradients = at(pointer(Slot.cellUserGradients), first)
    sumWeightedRows(delta, pointer(Slot.userDecoder), scratch, gradients, count, stride)
    throughSigmoid(delta, row(pointer(Slot.hiddenUsers), u, stride), stride)
  }
}

/** The same for items; the item factor's gradient falls off on the way. */
export function deltaOfItems(begin: i32, end: i32, scratch: usize): void {
  const stride = word(Slot.stride) as usize
  for (let i = begin; i < end; i++) {
    const first = load<i32>(at(pointer(Slot.itemOffsets), i))
    const count = load<i32>(at(pointer(Slot.itemOffsets), i + 1)) - first
    for (let c = 0; c < count; c++) {
      const local = load<i32>(at(pointer(Slot.itemCellUsers), first + c))
      store<i32>(at(scratch, c), load<i32>(at(pointer(Slot.blockUsers), local)))
    }
    const delta = row(pointer(Slot.deltaItems), i, stride)
    const gradients = at(pointer(Slot.itemCellItemGradients), first)
    sumWeightedRows(delta, pointer(Slot.itemDecoder), scratch, gradients, count, stride)
    throughSigmoid(delta, row(pointer(Slot.hiddenItems), i, stride), stride)
    if (has(itemFactor)) {
      // d/df sigma(sum * f) = delta . sum, then delta itself passes through the factor.
      const item = load<i32>(at(pointer(Slot.blockItems), i))
      const byFactor = dotRows(delta, row(pointer(Slot.sumItems), i, stride), stride)
      store<f32>(at(pointer(Slot.factorGradients), i), byFactor)
      const factor = f32x4.splat(factorOf(item))
      for (let k: usize = 0; k < stride; k += 16) {
        v128.store(delta + k, f32x4.mul(factor, v128.load(delta + k)))
      }
    }
  }
}

// Updates go in passes over a lot of rows: first all its gradients are gathered, one table after the other, then Adam
// runs over them. The table that is gathered from stays in the second-level cache; and gathering waits for memory, Adam
// for divisions: rows of one kind overlap each other, rows of two kinds in turn do not.

/**
 * Updates everything that has a row per item: V^U, W^U, b2^U and f, for global items `begin` to `end`.
 *
 * @param gradients room for two rows of `stride` bytes and one number for each item
 */
export function updateItems(begin: i32, end: i32, scratch: usize, gradients: usize): void {
  const stride = word(Slot.stride) as usize
  const vector = paddedBytes(word(Slot.items))
  if (has(userComponent)) {
    const biases = row(gradients, 2 * (end - begin), stride)
    let out = gradients
    for (let item = begin; item < end; item++) {
      const local = load<i32>(at(pointer(Slot.localItem), item))
      let first = 0
      let count = 0
      if (local >= 0) {
        first = load<i32>(at(pointer(Slot.itemOffsets), local))
        count = load<i32>(at(pointer(Slot.itemOffsets), local + 1)) - first
      }
      const cellUsers = at(pointer(Slot.itemCellUsers), first)
      const weights = at(pointer(Slot.itemCellUserGradients), first)
      sumWeightedRows(out, pointer(Slot.hiddenUsers), cellUsers, weights, count, stride)
      store<f32>(at(biases, item - begin), sum(weights, count))
      out += 2 * stride
    }
    out = gradients + stride
    for (let item = begin; item < end; item++) {
      const raters = localRow(pointer(Slot.raterOffsets), pointer(Slot.raterUsers), pointer(Slot.localUser), item, scratch)
      sumRows(out, pointer(Slot.deltaUsers), scratch, raters, stride)
      out += 2 * stride
    }
    adamRows(pointer(Slot.userDecoder), pointer(Slot.userEncoder), pointer(Slot.userOutputBias), word(Slot.items), begin, end, gradients)
  }
  if (has(itemFactor)) {
    for (let item = begin; item < end; item++) {
      const local = load<i32>(at(pointer(Slot.localItem), item))
      const byFactor = local >= 0 ? load<f32>(at(pointer(Slot.factorGradients), local)) : <f32>0
      adamOne(at(pointer(Slot.itemFactor), item), vector, byFactor, 0)
    }
  }
}

/** Updates everything that has a row per user: V^I, W^I and b2^I, for global users `begin` to `end`. */
export function updateUsers(begin: i32, end: i32, scratch: usize, gradients: usize): void {
  if (!has(itemComponent)) return
  const stride = word(Slot.stride) as usize
  const biases = row(gradients, 2 * (end - begin), stride)
  let out = gradients
  for (let user = begin; user < end; user++) {
    const local = load<i32>(at(pointer(Slot.localUser), user))
    let first = 0
    let count = 0
    if (local >= 0) {
      first = load<i32>(at(pointer(Slot.pairOffsets), local)) << 1
      count = load<i32>(at(pointer(Slot.activeCounts), local))
    }
    const weights = at(pointer(Slot.cellItemGradients), first)
    sumWeightedRows(out, pointer(Slot.hiddenItems), at(pointer(Slot.cells), first), weights, count, stride)
    store<f32>(at(biases, user - begin), sum(weights, count))
    out += 2 * stride
  }
  out = gradients + stride
  for (let user = begin; user < end; user++) {
    const rated = localRow(pointer(Slot.ratingOffsets), pointer(Slot.ratingItems), pointer(Slot.localItem), user, scratch)
    sumRows(out, pointer(Slot.deltaItems), scratch, rated, stride)
    out += 2 * stride
  }
  adamRows(pointer(Slot.itemDecoder), pointer(Slot.itemEncoder), pointer(Slot.itemOutputBias), word(Slot.users), begin, end, gradients)
}

/** Adam over rows `begin` to `end` of a component's decoder, encoder and output bias. */
function adamRows(decoder: usize, encoder: usize, bias: usize, rows: i32, begin: i32, end: i32, gradients: usize): void {
  const stride = word(Slot.stride) as usize
  const matrix = <usize>rows * stride
  const vector = paddedBytes(rows)
  const l2 = real(Slot.l2)
  const biases = row(gradients, 2 * (end - begin), stride)
  let gradient = gradients
  for (let r = begin; r < end; r++) {
    adamRow(row(decoder, r, stride), matrix, gradient, stride, l2)
    adamRow(row(encoder, r, stride), matrix, gradient + stride, stride, l2)
    adamOne(at(bias, r), vector, load<f32>(at(biases, r - begin)), l2)
    gradient += 2 * stride
  }
}

/** Updates b1^U and b1^I: the sums of all deltas. */
export function updateHiddenBiases(gradient: usize): void {
  const stride = word(Slot.stride) as usize
  const l2 = real(Slot.l2)
  if (has(userComponent)) {
    sumAllRows(gradient, pointer(Slot.deltaUsers), word(Slot.blockUserCount), stride)
    adamRow(pointer(Slot.userHiddenBias), stride, gradient, stride, l2)
  }
  if (has(itemComponent)) {
    sumAllRows(gradient, pointer(Slot.deltaItems), word(Slot.blockItemCount), stride)
    adamRow(pointer(Slot.itemHiddenBias), stride, gradient, stride, l2)
  }
}

/** delta *= h (1 - h), the derivative of the sigmoid. */
// @ts-ignore: decorator
@inline
function throughSigmoid(delta: usize, hidden: usize, stride: usize): void {
  const one = f32x4.splat(1)
  for (let k: usize = 0; k < stride; k += 16) {
    const h = v128.load(hidden + k)
    v128.store(delta + k, f32x4.mul(v128.load(delta + k), f32x4.mul(h, f32x4.sub(one, h))))
  }
}

/**
 * The columns of a CSR row that are in the block, as local indexes at `out`; returns how many.
 *
 * Written without a branch: whether a column is in the block is a coin toss that no predictor learns.
 */
// @ts-ignore: decorator
@inline
function localRow(offsets: usize, columns: usize, localOf: usize, index: i32, out: usize): i32 {
  const end = at(columns, load<i32>(at(offsets, index + 1)))
  let count = 0
  for (let p = at(columns, load<i32>(at(offsets, index))); p < end; p += 4) {
    const local = load<i32>(at(localOf, load<i32>(p)))
    store<i32>(at(out, count), local)
    count += i32(local >= 0)
  }
  return count
}

function sum(values: usize, count: i32): f32 {
  let total: f32 = 0
  for (let k = 0; k < count; k++) total += load<f32>(at(values, k))
  return total
}

function sumAllRows(out: usize, table: usize, count: i32, stride: usize): void {
  for (let k: usize = 0; k < stride; k += 16) {
    let total = f32x4.splat(0)
    for (let r = 0; r < count; r++) total = f32x4.add(total, v128.load(row(table, r, stride) + k))
    v128.store(out + k, total)
  }
}

/** Bytes of a vector of `count` numbers, rounded up to whole SIMD vectors. */
// @ts-ignore: decorator
@inline
function paddedBytes(count: i32): usize {
  return ((<usize>count + 3) & ~3) << 2
}
