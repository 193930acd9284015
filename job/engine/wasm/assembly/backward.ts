import { adamOne, adamRow } from './adam'
import { factorOf } from './encode'
import { at, has, itemComponent, itemFactor, pointer, real, row, Slot, userComponent, userVector, word } from './layout'
import { dotRows, sumRows, sumWeightedRows } from './rows'

// Backward, gathering only: every row of every gradient is summed by whoever owns it, from the cells and hidden layers
// that touch it, and Adam runs over it while it is in cache. No scatter, no atomics; the order of every sum is fixed,
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
// runs over one matrix after the other. The table that is gathered from stays in the second-level cache; gathering waits
// for memory and Adam for divisions, so rows of one kind overlap each other and rows of two kinds in turn do not; and
// memory that is walked in order is fetched ahead of time.
//
// A lot's gradients: two rows for each of its items or users (decoder, encoder), then for each the bias's gradient and
// two pointers to the rows. Where nothing is passed back, which is mostly so on sparse data, the pointer is to zeros.

/**
 * Updates everything that has a row per item: V^U, W^U, b2^U and f, for global items `begin` to `end`.
 *
 * @param gradients room for two rows of `stride` bytes and three words for each item
 */
export function updateItems(begin: i32, end: i32, scratch: usize, gradients: usize): void {
  const stride = word(Slot.stride) as usize
  const items = word(Slot.items)
  const vector = paddedBytes(items)
  if (has(userComponent)) {
    const zeros = pointer(Slot.zeroRow)
    const biases = row(gradients, 2 * (end - begin), stride)
    const decoderRows = at(biases, end - begin)
    const encoderRows = at(decoderRows, end - begin)
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
      const out = count > 0 ? row(gradients, item - begin, 2 * stride) : zeros
      if (count > 0) sumWeightedRows(out, pointer(Slot.hiddenUsers), cellUsers, weights, count, stride)
      store<usize>(at(decoderRows, item - begin), out)
      store<f32>(at(biases, item - begin), sum(weights, count))
    }
    if (pointer(Slot.inputOffsets) != 0) encoderRowsOfInput(begin, end, gradients, encoderRows)
    else for (let item = begin; item < end; item++) {
      const raters = localRow(pointer(Slot.raterOffsets), pointer(Slot.raterUsers), pointer(Slot.localUser), item, scratch)
      const out = raters > 0 ? row(gradients, item - begin, 2 * stride) + stride : zeros
      if (raters > 0) sumRows(out, pointer(Slot.deltaUsers), scratch, raters, stride)
      store<usize>(at(encoderRows, item - begin), out)
    }
    adamMatrix(pointer(Slot.userDecoder), items, begin, end, decoderRows)
    adamMatrix(pointer(Slot.userEncoder), items, begin, end, encoderRows)
    adamVector(pointer(Slot.userOutputBias), items, begin, end, biases)
  }
  if (has(itemFactor)) {
    for (let item = begin; item < end; item++) {
      const local = load<i32>(at(pointer(Slot.localItem), item))
      const byFactor = local >= 0 ? load<f32>(at(pointer(Slot.factorGradients), local)) : <f32>0
      adamOne(at(pointer(Slot.itemFactor), item), vector, byFactor, 0)
    }
  }
}

/** The encoder's gradients where the block's users were not read whole: as many times as a cell counts. */
function encoderRowsOfInput(begin: i32, end: i32, gradients: usize, encoderRows: usize): void {
  const stride = word(Slot.stride) as usize
  const offsets = pointer(Slot.inputByItemOffsets)
  const scale = f32x4.splat(real(Slot.inputScale))
  for (let item = begin; item < end; item++) {
    const first = load<i32>(at(offsets, item))
    const count = load<i32>(at(offsets, item + 1)) - first
    let out = pointer(Slot.zeroRow)
    if (count > 0) {
      out = row(gradients, item - begin, 2 * stride) + stride
      sumRows(out, pointer(Slot.deltaUsers), at(pointer(Slot.inputByItemUsers), first), count, stride)
      for (let k: usize = 0; k < stride; k += 16) v128.store(out + k, f32x4.mul(scale, v128.load(out + k)))
    }
    store<usize>(at(encoderRows, item - begin), out)
  }
}

/** Updates everything that has a row per user: V^I, W^I, b2^I and the vectors, for global users `begin` to `end`. */
export function updateUsers(begin: i32, end: i32, scratch: usize, gradients: usize): void {
  if (has(itemComponent)) updateItemComponent(begin, end, scratch, gradients)
  if (has(userVector)) updateUserVectors(begin, end, gradients)
}

/** A user's vector is added to what goes into the hidden layer, so its gradient is the delta as it stands. */
function updateUserVectors(begin: i32, end: i32, rows: usize): void {
  const stride = word(Slot.stride) as usize
  for (let user = begin; user < end; user++) {
    const local = load<i32>(at(pointer(Slot.localUser), user))
    const delta = local >= 0 ? row(pointer(Slot.deltaUsers), local, stride) : pointer(Slot.zeroRow)
    store<usize>(at(rows, user - begin), delta)
  }
  adamMatrix(pointer(Slot.userVector), word(Slot.users), begin, end, rows)
}

function updateItemComponent(begin: i32, end: i32, scratch: usize, gradients: usize): void {
  const stride = word(Slot.stride) as usize
  const users = word(Slot.users)
  const zeros = pointer(Slot.zeroRow)
  const biases = row(gradients, 2 * (end - begin), stride)
  const decoderRows = at(biases, end - begin)
  const encoderRows = at(decoderRows, end - begin)
  for (let user = begin; user < end; user++) {
    const local = load<i32>(at(pointer(Slot.localUser), user))
    let first = 0
    let count = 0
    if (local >= 0) {
      first = load<i32>(at(pointer(Slot.pairOffsets), local)) << 1
      count = load<i32>(at(pointer(Slot.activeCounts), local))
    }
    const weights = at(pointer(Slot.cellItemGradients), first)
    const out = count > 0 ? row(gradients, user - begin, 2 * stride) : zeros
    if (count > 0) sumWeightedRows(out, pointer(Slot.hiddenItems), at(pointer(Slot.cells), first), weights, count, stride)
    store<usize>(at(decoderRows, user - begin), out)
    store<f32>(at(biases, user - begin), sum(weights, count))
  }
  for (let user = begin; user < end; user++) {
    const rated = localRow(pointer(Slot.ratingOffsets), pointer(Slot.ratingItems), pointer(Slot.localItem), user, scratch)
    const out = rated > 0 ? row(gradients, user - begin, 2 * stride) + stride : zeros
    if (rated > 0) sumRows(out, pointer(Slot.deltaItems), scratch, rated, stride)
    store<usize>(at(encoderRows, user - begin), out)
  }
  adamMatrix(pointer(Slot.itemDecoder), users, begin, end, decoderRows)
  adamMatrix(pointer(Slot.itemEncoder), users, begin, end, encoderRows)
  adamVector(pointer(Slot.itemOutputBias), users, begin, end, biases)
}

/** Adam over rows `begin` to `end` of a matrix; `gradientRows` are pointers. */
function adamMatrix(table: usize, rows: i32, begin: i32, end: i32, gradientRows: usize): void {
  const stride = word(Slot.stride) as usize
  const moments = <usize>rows * stride
  const l2 = real(Slot.l2)
  for (let r = begin; r < end; r++) {
    adamRow(row(table, r, stride), moments, load<usize>(at(gradientRows, r - begin)), stride, l2)
  }
}

/** Adam over numbers `begin` to `end` of a vector. */
function adamVector(vector: usize, count: i32, begin: i32, end: i32, gradients: usize): void {
  const l2 = real(Slot.l2)
  for (let r = begin; r < end; r++) {
    adamOne(at(vector, r), paddedBytes(count), load<f32>(at(gradients, r - begin)), l2)
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
