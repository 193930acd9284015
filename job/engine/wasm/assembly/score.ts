import { at, has, itemComponent, pointer, real, row, Slot, userComponent, word } from './layout'
import { sumLanesOfFour } from './rows'
import { sigmoid4 } from './sigmoid'

// Scores of whole rows: for each component a product of dense matrices, in tiles of two rows by four columns that stay
// in registers, squashed and added up while they are there.

/** Columns of a strip: 16 rows of 640 bytes of each component, and as many users' rows, fit a first-level cache. */
const stripColumns: i32 = 16

/**
 * Scores of every item for the block's users `begin` to `end`, in rows of `scoreRowBytes` from `out` on. The last
 * columns of a row, up to a whole vector, hold nothing of use.
 */
export function scoreRows(begin: i32, end: i32, out: usize): void {
  const columnCount = word(Slot.items)
  // A strip of columns stays in the first-level cache while all rows pass over it.
  for (let strip = 0; strip < columnCount; strip += stripColumns) {
    scoreStrip(begin, end, strip, min(strip + stripColumns, columnCount), out)
  }
}

function scoreStrip(begin: i32, end: i32, strip: i32, stripEnd: i32, out: usize): void {
  const stride = word(Slot.stride) as usize
  const outBytes = word(Slot.scoreRowBytes) as usize
  const scale = f32x4.splat(real(Slot.scale))
  const hasUser = has(userComponent)
  const hasItem = has(itemComponent)
  const users = pointer(Slot.blockUsers)
  for (let r = begin; r < end; r += 2) {
    // An odd last row is computed twice, into the same place.
    const s = min(r + 1, end - 1)
    const outR = row(out, r - begin, outBytes)
    const outS = row(out, s - begin, outBytes)
    if (hasUser) {
      // sigma(h_u W^U + b2^U)
      const rowR = row(pointer(Slot.hiddenUsers), r, stride)
      const rowS = row(pointer(Slot.hiddenUsers), s, stride)
      for (let c = strip; c < stripEnd; c += 4) {
        const columns = row(pointer(Slot.userDecoder), c, stride)
        const bias = v128.load(at(pointer(Slot.userOutputBias), c))
        scoreTile(rowR, rowS, columns, stride, bias, bias, scale, at(outR, c), at(outS, c), false)
      }
    }
    if (hasItem) {
      // sigma(h_i W^I + b2^I), a user's row of W^I against the hidden layers of all items
      const userR = load<i32>(at(users, r))
      const userS = load<i32>(at(users, s))
      const rowR = row(pointer(Slot.itemDecoder), userR, stride)
      const rowS = row(pointer(Slot.itemDecoder), userS, stride)
      const biasR = v128.load32_splat(at(pointer(Slot.itemOutputBias), userR))
      const biasS = v128.load32_splat(at(pointer(Slot.itemOutputBias), userS))
      for (let c = strip; c < stripEnd; c += 4) {
        const columns = row(pointer(Slot.hiddenItems), c, stride)
        // The same row twice must not be added twice.
        scoreTile(rowR, rowS, columns, stride, biasR, biasS, scale, at(outR, c), at(outS, c), hasUser)
      }
    }
  }
}

/**
 * Two rows against four columns that lie side by side: stores, or adds, `scale * sigma(dots + bias)`.
 *
 * Beyond the last column this reads what lies behind the table; those scores are in the part of a row that is of no
 * use. Both outputs are read before either is written, so that the two may be one.
 */
// @ts-ignore: decorator
@inline
function scoreTile(
  rowR: usize,
  rowS: usize,
  columns: usize,
  stride: usize,
  biasR: v128,
  biasS: v128,
  scale: v128,
  outR: usize,
  outS: usize,
  add: bool,
): void {
  const c1 = columns + stride
  const c2 = c1 + stride
  const c3 = c2 + stride
  let r0 = f32x4.splat(0)
  let r1 = f32x4.splat(0)
  let r2 = f32x4.splat(0)
  let r3 = f32x4.splat(0)
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let k: usize = 0; k < stride; k += 16) {
    const a = v128.load(rowR + k)
    const b = v128.load(rowS + k)
    const x0 = v128.load(columns + k)
    r0 = f32x4.add(r0, f32x4.mul(a, x0))
    s0 = f32x4.add(s0, f32x4.mul(b, x0))
    const x1 = v128.load(c1 + k)
    r1 = f32x4.add(r1, f32x4.mul(a, x1))
    s1 = f32x4.add(s1, f32x4.mul(b, x1))
    const x2 = v128.load(c2 + k)
    r2 = f32x4.add(r2, f32x4.mul(a, x2))
    s2 = f32x4.add(s2, f32x4.mul(b, x2))
    const x3 = v128.load(c3 + k)
    r3 = f32x4.add(r3, f32x4.mul(a, x3))
    s3 = f32x4.add(s3, f32x4.mul(b, x3))
  }
  let scoreR = f32x4.mul(scale, sigmoid4(f32x4.add(sumLanesOfFour(r0, r1, r2, r3), biasR)))
  let scoreS = f32x4.mul(scale, sigmoid4(f32x4.add(sumLanesOfFour(s0, s1, s2, s3), biasS)))
  if (add) {
    scoreR = f32x4.add(v128.load(outR), scoreR)
    scoreS = f32x4.add(v128.load(outS), scoreS)
  }
  v128.store(outR, scoreR)
  v128.store(outS, scoreS)
}
