import { at, row } from '../../wasm/assembly/layout'

// Products of dense matrices of float32. The right factor is packed: panels of eight of its columns, each panel with one
// row of eight numbers after the other, so that a tile of four rows by eight columns stays in registers while it reads
// 32 bytes a step from one place.

/** out = the panels of a matrix `[rows, columns]`; `columns` is a multiple of 8. */
export function pack(out: usize, matrix: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2
  let to = out
  for (let column: usize = 0; column < stride; column += 32) {
    for (let r = 0; r < rows; r++, to += 32) {
      const from = row(matrix, r, stride) + column
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
    }
  }
}

/** out = the panels of the transpose of a matrix `[rows, columns]`: `rows` up to a multiple of 8, zeros behind them. */
export function packTransposed(out: usize, matrix: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2
  let to = out
  for (let r = 0; r < rows; r += 8) {
    for (let c = 0; c < columns; c++, to += 32) {
      for (let lane = 0; lane < 8; lane++) {
        store<f32>(at(to, lane), r + lane < rows ? load<f32>(at(row(matrix, r + lane, stride), c)) : 0)
      }
    }
  }
}

/**
 * out = A B + bias, and no less than `floor`: 0 for a rectifier, -Infinity for the product itself.
 *
 * @param out     `[rows, columns]`, as dense as A is
 * @param a       `[rows, inner]`
 * @param panels  B `[inner, columns]`, packed
 * @param bias    `[columns]`
 * @param columns a multiple of 8
 */
export function multiply(
  out: usize,
  a: usize,
  panels: usize,
  bias: usize,
  floor: f32,
  rows: i32,
  inner: i32,
  columns: i32,
): void {
  const least = f32x4.splat(floor)
  const aStride = <usize>inner << 2
  const outStride = <usize>columns << 2
  for (let column: usize = 0; column < outStride; column += 32) {
    const panel = panels + column * <usize>inner
    const biasA = v128.load(bias + column)
    const biasB = v128.load(bias + column, 16)
    for (let r = 0; r < rows; r += 4) {
      // The last tile may hold its last row more than once.
      const r1 = min(r + 1, rows - 1)
      const r2 = min(r + 2, rows - 1)
      const r3 = min(r + 3, rows - 1)
      const x0 = row(a, r, aStride)
      const x1 = row(a, r1, aStride)
      const x2 = row(a, r2, aStride)
      const x3 = row(a, r3, aStride)
      let a0 = biasA
      let b0 = biasB
      let a1 = biasA
      let b1 = biasB
      let a2 = biasA
      let b2 = biasB
      let a3 = biasA
      let b3 = biasB
      let p = panel
      for (let k: usize = 0; k < aStride; k += 4, p += 32) {
        const u = v128.load(p)
        const v = v128.load(p, 16)
        const w0 = v128.load32_splat(x0 + k)
        a0 = f32x4.add(a0, f32x4.mul(w0, u))
        b0 = f32x4.add(b0, f32x4.mul(w0, v))
        const w1 = v128.load32_splat(x1 + k)
        a1 = f32x4.add(a1, f32x4.mul(w1, u))
        b1 = f32x4.add(b1, f32x4.mul(w1, v))
        const w2 = v128.load32_splat(x2 + k)
        a2 = f32x4.add(a2, f32x4.mul(w2, u))
        b2 = f32x4.add(b2, f32x4.mul(w2, v))
        const w3 = v128.load32_splat(x3 + k)
        a3 = f32x4.add(a3, f32x4.mul(w3, u))
        b3 = f32x4.add(b3, f32x4.mul(w3, v))
      }
      storePair(row(out, r, outStride) + column, f32x4.max(least, a0), f32x4.max(least, b0))
      storePair(row(out, r1, outStride) + column, f32x4.max(least, a1), f32x4.max(least, b1))
      storePair(row(out, r2, outStride) + column, f32x4.max(least, a2), f32x4.max(least, b2))
      storePair(row(out, r3, outStride) + column, f32x4.max(least, a3), f32x4.max(least, b3))
    }
  }
}

/** Rows of both factors that a whole product passes over at a time: 32 rows of 256 bytes each fill half a first-level cache. */
const someRows: i32 = 32

/**
 * out += A^T B: what samples add to the gradient of a layer.
 *
 * @param out `[inner, columns]`
 * @param a   `[rows, inner]`, `inner` a multiple of 4
 * @param b   `[rows, columns]`, `columns` a multiple of 8
 */
export function addTransposedProduct(out: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  const aStride = <usize>inner << 2
  const bStride = <usize>columns << 2
  for (let first = 0; first < rows; first += someRows) {
    const begin = row(a, first, aStride)
    const end = row(a, min(first + someRows, rows), aStride)
    for (let i = 0; i < inner; i += 4) {
      for (let column: usize = 0; column < bStride; column += 32) {
        const to = row(out, i, bStride) + column
        addTile(to, begin + (<usize>i << 2), end + (<usize>i << 2), row(b, first, bStride) + column, aStride, bStride)
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addTile(out: usize, begin: usize, end: usize, b: usize, aStride: usize, bStride: usize): void {
  const o1 = out + bStride
  const o2 = o1 + bStride
  const o3 = o2 + bStride
  let a0 = v128.load(out)
  let b0 = v128.load(out, 16)
  let a1 = v128.load(o1)
  let b1 = v128.load(o1, 16)
  let a2 = v128.load(o2)
  let b2 = v128.load(o2, 16)
  let a3 = v128.load(o3)
  let b3 = v128.load(o3, 16)
  let y = b
  for (let x = begin; x < end; x += aStride, y += bStride) {
    const u = v128.load(y)
    const v = v128.load(y, 16)
    const x0 = v128.load32_splat(x)
    const x1 = v128.load32_splat(x, 4)
    const x2 = v128.load32_splat(x, 8)
    const x3 = v128.load32_splat(x, 12)
    a0 = f32x4.add(a0, f32x4.mul(x0, u))
    b0 = f32x4.add(b0, f32x4.mul(x0, v))
    a1 = f32x4.add(a1, f32x4.mul(x1, u))
    b1 = f32x4.add(b1, f32x4.mul(x1, v))
    a2 = f32x4.add(a2, f32x4.mul(x2, u))
    b2 = f32x4.add(b2, f32x4.mul(x2, v))
    a3 = f32x4.add(a3, f32x4.mul(x3, u))
    b3 = f32x4.add(b3, f32x4.mul(x3, v))
  }
  storePair(out, a0, b0)
  storePair(o1, a1, b1)
  storePair(o2, a2, b2)
  storePair(o3, a3, b3)
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, a: v128, b: v128): void {
  v128.store(to, a)
  v128.store(to, b, 16)
}
