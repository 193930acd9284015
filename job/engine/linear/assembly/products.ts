import { at, row } from '../../wasm/assembly/layout'
import { sumLanesOfFour } from '../../wasm/assembly/rows'
import { pointerAt, wordAt } from './arguments'

// Products of dense tables, in tiles of four rows by eight columns: eight vectors of sums stay in registers, and each
// step takes six loads for sixteen operations. Every width is a multiple of eight numbers.

/** Rows of a table that are turned at a time, as in ../als-engine.ts. */
const lotRows: i32 = 32

/** Rows of a table that pass over a strip of the Gram matrix at a time: 64 rows of 2 KB fill an eighth of an L2 cache. */
const chunk: i32 = 64

/**
 * Rows `begin` to `end` of G = Y^T Y, each from its own tile of four on; the rest by symmetry, from ../als-engine.ts.
 * A row here is a tile of four rows.
 *
 * Arguments: G, Y, rows of Y, stride of both.
 */
export function gramOfTable(begin: i32, end: i32): void {
  const out = pointerAt(0)
  const table = pointerAt(1)
  const rows = wordAt(2)
  const stride = pointerAt(3)
  memory.fill(row(out, 4 * begin, stride), 0, 4 * <usize>(end - begin) * stride)
  for (let first = 0; first < rows; first += chunk) {
    const from = row(table, first, stride)
    const to = row(table, min(first + chunk, rows), stride)
    for (let tile = begin; tile < end; tile++) {
      const i = <usize>tile << 4
      for (let j = i & ~31; j < stride; j += 32) {
        addGramTile(row(out, 4 * tile, stride) + j, from, to, i, j, stride, 1)
      }
    }
  }
}

/** out[4, 8] += weight * sum over rows x from `from` to `to` of x[i..i+4] x[j..j+8]; i and j in bytes. */
// @ts-ignore: decorator
@inline
export function addGramTile(
  out: usize,
  from: usize,
  to: usize,
  i: usize,
  j: usize,
  stride: usize,
  weight: f32,
): void {
  let a0 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let a2 = f32x4.splat(0)
  let b2 = f32x4.splat(0)
  let a3 = f32x4.splat(0)
  let b3 = f32x4.splat(0)
  for (let x = from; x < to; x += stride) {
    const a = v128.load(x + j)
    const b = v128.load(x + j, 16)
    const x0 = v128.load32_splat(x + i)
    a0 = f32x4.add(a0, f32x4.mul(x0, a))
    b0 = f32x4.add(b0, f32x4.mul(x0, b))
    const x1 = v128.load32_splat(x + i, 4)
    a1 = f32x4.add(a1, f32x4.mul(x1, a))
    b1 = f32x4.add(b1, f32x4.mul(x1, b))
    const x2 = v128.load32_splat(x + i, 8)
    a2 = f32x4.add(a2, f32x4.mul(x2, a))
    b2 = f32x4.add(b2, f32x4.mul(x2, b))
    const x3 = v128.load32_splat(x + i, 12)
    a3 = f32x4.add(a3, f32x4.mul(x3, a))
    b3 = f32x4.add(b3, f32x4.mul(x3, b))
  }
  const w = f32x4.splat(weight)
  addPair(out, w, a0, b0)
  addPair(out + stride, w, a1, b1)
  addPair(out + 2 * stride, w, a2, b2)
  addPair(out + 3 * stride, w, a3, b3)
}

// @ts-ignore: decorator
@inline
function addPair(to: usize, w: v128, a: v128, b: v128): void {
  v128.store(to, f32x4.add(v128.load(to), f32x4.mul(w, a)))
  v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(w, b)), 16)
}

/**
 * x = x g, in the place of x. A row here is a row of x; a lot is at most {@link lotRows} of them.
 *
 * Arguments: x, g, columns of x, stride of both, room of a lot for each thread.
 */
export function turnTable(begin: i32, end: i32, thread: i32): void {
  const stride = pointerAt(3)
  const x = row(pointerAt(0), begin, stride)
  const turned = row(pointerAt(4), thread * lotRows, stride)
  multiply(turned, x, pointerAt(1), end - begin, wordAt(2), stride)
  memory.copy(x, turned, <usize>(end - begin) * stride)
}

/**
 * out = x g. A row here is a row of x.
 *
 * Arguments: out, x, g, columns of x, stride of all.
 */
export function timesTable(begin: i32, end: i32): void {
  const stride = pointerAt(4)
  const x = row(pointerAt(1), begin, stride)
  multiply(row(pointerAt(0), begin, stride), x, pointerAt(2), end - begin, wordAt(3), stride)
}

/** out = x g for some rows: `[rows, depth] x [depth, width]`, all of one stride. */
export function multiply(out: usize, x: usize, g: usize, rows: i32, depth: i32, stride: usize): void {
  for (let r = 0; r < rows; r += 4) {
    // The last tile may hold its last row more than once.
    const r1 = min(r + 1, rows - 1)
    const r2 = min(r + 2, rows - 1)
    const r3 = min(r + 3, rows - 1)
    const x0 = row(x, r, stride)
    const x1 = row(x, r1, stride)
    const x2 = row(x, r2, stride)
    const x3 = row(x, r3, stride)
    for (let column: usize = 0; column < stride; column += 32) {
      let a0 = f32x4.splat(0)
      let b0 = f32x4.splat(0)
      let a1 = f32x4.splat(0)
      let b1 = f32x4.splat(0)
      let a2 = f32x4.splat(0)
      let b2 = f32x4.splat(0)
      let a3 = f32x4.splat(0)
      let b3 = f32x4.splat(0)
      let from = g + column
      for (let k: usize = 0; k < <usize>depth << 2; k += 4, from += stride) {
        const a = v128.load(from)
        const b = v128.load(from, 16)
        const w0 = v128.load32_splat(x0 + k)
        a0 = f32x4.add(a0, f32x4.mul(w0, a))
        b0 = f32x4.add(b0, f32x4.mul(w0, b))
        const w1 = v128.load32_splat(x1 + k)
        a1 = f32x4.add(a1, f32x4.mul(w1, a))
        b1 = f32x4.add(b1, f32x4.mul(w1, b))
        const w2 = v128.load32_splat(x2 + k)
        a2 = f32x4.add(a2, f32x4.mul(w2, a))
        b2 = f32x4.add(b2, f32x4.mul(w2, b))
        const w3 = v128.load32_splat(x3 + k)
        a3 = f32x4.add(a3, f32x4.mul(w3, a))
        b3 = f32x4.add(b3, f32x4.mul(w3, b))
      }
      storePair(row(out, r, stride) + column, a0, b0)
      storePair(row(out, r1, stride) + column, a1, b1)
      storePair(row(out, r2, stride) + column, a2, b2)
      storePair(row(out, r3, stride) + column, a3, b3)
    }
  }
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, a: v128, b: v128): void {
  v128.store(to, a)
  v128.store(to, b, 16)
}

/** Items whose rows stay in a cache while all users of a lot pass over them. */
const strip: i32 = 32

/**
 * Scores of every item for some users: out[r, i] = x[users[r]] . y[i].
 *
 * Arguments: out, bytes of a row of out, users, X, Y, items rounded up to a multiple of four, stride of both tables. Y has
 * as many rows.
 */
export function scoresOfTables(begin: i32, end: i32): void {
  const out = pointerAt(0)
  const outBytes = pointerAt(1)
  const users = pointerAt(2)
  const userTable = pointerAt(3)
  const itemTable = pointerAt(4)
  const items = wordAt(5)
  const stride = pointerAt(6)
  for (let first = 0; first < items; first += strip) {
    const last = min(first + strip, items)
    for (let r = begin; r < end; r += 2) {
      // The last pair may be one row twice.
      const next = min(r + 1, end - 1)
      const x = row(userTable, load<i32>(at(users, r)), stride)
      const z = row(userTable, load<i32>(at(users, next)), stride)
      const to = row(out, r, outBytes)
      const toNext = row(out, next, outBytes)
      for (let item = first; item < last; item += 4) {
        scoreTile(at(to, item), at(toNext, item), x, z, row(itemTable, item, stride), stride, stride)
      }
    }
  }
}

/** Eight dots: two rows by four that lie `stride` apart; of their first `bytes`. */
// @ts-ignore: decorator
@inline
export function scoreTile(
  to: usize,
  toNext: usize,
  x: usize,
  z: usize,
  y: usize,
  stride: usize,
  bytes: usize,
): void {
  const y1 = y + stride
  const y2 = y1 + stride
  const y3 = y2 + stride
  let r0 = f32x4.splat(0)
  let r1 = f32x4.splat(0)
  let r2 = f32x4.splat(0)
  let r3 = f32x4.splat(0)
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let k: usize = 0; k < bytes; k += 16) {
    const a = v128.load(x + k)
    const b = v128.load(z + k)
    const c0 = v128.load(y + k)
    r0 = f32x4.add(r0, f32x4.mul(a, c0))
    s0 = f32x4.add(s0, f32x4.mul(b, c0))
    const c1 = v128.load(y1 + k)
    r1 = f32x4.add(r1, f32x4.mul(a, c1))
    s1 = f32x4.add(s1, f32x4.mul(b, c1))
    const c2 = v128.load(y2 + k)
    r2 = f32x4.add(r2, f32x4.mul(a, c2))
    s2 = f32x4.add(s2, f32x4.mul(b, c2))
    const c3 = v128.load(y3 + k)
    r3 = f32x4.add(r3, f32x4.mul(a, c3))
    s3 = f32x4.add(s3, f32x4.mul(b, c3))
  }
  v128.store(to, sumLanesOfFour(r0, r1, r2, r3))
  v128.store(toNext, sumLanesOfFour(s0, s1, s2, s3))
}
