import { at, row } from '../../wasm/assembly/layout'
import { sumRows } from '../../wasm/assembly/rows'
import { pointerAt, realAt, wordAt } from './arguments'
import { multiply } from './products'

// The inverse of a symmetric positive definite matrix in its own place, by sweeping block after block of its diagonal:
//
//   with D = A_kk^-1 and C = A_:k,  A_ij -= C_i D C_j^T,  A_ik = C_i D,  A_kk = -D;   after all blocks A holds -A^-1
//
// (the sweep operator, Gauss-Jordan for symmetric matrices). Only blocks on and below the diagonal are kept up: n^3
// operations in all, as by Cholesky, and all but a few of them are one product of a tall panel with its transpose.

/** Rows of a block. A panel of 64 x 64 numbers takes 16 KB of a first-level cache. */
export const block: i32 = 64
const blockStride: usize = <usize>block << 2
const blockBytes: usize = blockStride * <usize>block

/**
 * Rows `begin` to `end` of A = X^T W X + noise diag(X^T W X) + l2 I, up to the diagonal: the weight of the users that have both
 * items.
 *
 * Arguments: A, stride, l2, items, offsets and users of each item, offsets and items of each user, weights of users, noise.
 * Behind the items the diagonal is 1, so that blocks are whole.
 */
export function countTogether(begin: i32, end: i32): void {
  const matrix = pointerAt(0)
  const stride = pointerAt(1)
  const items = wordAt(3)
  const raterOffsets = pointerAt(4)
  const raters = pointerAt(5)
  const offsets = pointerAt(6)
  const ratings = pointerAt(7)
  const weights = pointerAt(8)
  for (let i = begin; i < end; i++) {
    const to = row(matrix, i, stride)
    memory.fill(to, 0, stride)
    if (i >= items) {
      store<f32>(at(to, i), 1)
      continue
    }
    const last = at(raters, load<i32>(at(raterOffsets, i + 1)))
    for (let p = at(raters, load<i32>(at(raterOffsets, i))); p < last; p += 4) {
      const user = load<i32>(p)
      const weight = load<f32>(at(weights, user))
      const end = at(ratings, load<i32>(at(offsets, user + 1)))
      for (let q = at(ratings, load<i32>(at(offsets, user))); q < end; q += 4) {
        const j = load<i32>(q)
        // Ascending: the rest lies above the diagonal.
        if (j > i) break
        const cell = at(to, j)
        store<f32>(cell, load<f32>(cell) + weight)
      }
    }
    store<f32>(at(to, i), load<f32>(at(to, i)) * (1 + realAt(9)) + realAt(2))
  }
}

/**
 * D = A_kk^-1, in float64: it is small, and all else is multiplied by it. Puts -D into A.
 *
 * Arguments: A, stride, k, D, room for a block of float64.
 */
export function pivot(): void {
  const stride = pointerAt(1)
  const k = wordAt(2)
  const corner = row(pointerAt(0), k * block, stride) + <usize>k * blockStride
  const inverse = pointerAt(3)
  const room = pointerAt(4)
  const n: usize = <usize>block
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j <= i; j++) {
      const value = <f64>load<f32>(corner + i * stride + (j << 2))
      store<f64>(room + ((i * n + j) << 3), value)
      store<f64>(room + ((j * n + i) << 3), value)
    }
  }
  for (let p: usize = 0; p < n; p++) {
    const pivotRow = room + ((p * n) << 3)
    const d = 1 / load<f64>(pivotRow + (p << 3))
    for (let i: usize = 0; i < n; i++) {
      if (i == p) continue
      const own = room + ((i * n) << 3)
      const w = load<f64>(own + (p << 3)) * d
      for (let j: usize = 0; j < n; j++) {
        if (j == p) continue
        const cell = own + (j << 3)
        store<f64>(cell, load<f64>(cell) - w * load<f64>(pivotRow + (j << 3)))
      }
      store<f64>(own + (p << 3), w)
    }
    for (let j: usize = 0; j < n; j++) {
      const cell = pivotRow + (j << 3)
      store<f64>(cell, j == p ? -d : load<f64>(cell) * d)
    }
  }
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j < n; j++) {
      const value = <f32>load<f64>(room + ((i * n + j) << 3))
      store<f32>(corner + i * stride + (j << 2), value)
      store<f32>(inverse + i * blockStride + (j << 2), -value)
    }
  }
}

/**
 * C_i and W_i = C_i D of some blocks i, packed for {@link eliminate}; W_i goes into A as well. A row here is a block.
 *
 * Arguments: A, stride, k, D, packed C, packed W, room of two blocks for each thread.
 */
export function panels(begin: i32, end: i32, thread: i32): void {
  const matrix = pointerAt(0)
  const stride = pointerAt(1)
  const k = wordAt(2)
  const c = pointerAt(6) + 2 * <usize>thread * blockBytes
  const w = c + blockBytes
  for (let i = begin; i < end; i++) {
    if (i == k) continue
    const below = i > k
    // Above the block's row of the diagonal the column is kept as a row.
    const cell = below
      ? row(matrix, i * block, stride) + <usize>k * blockStride
      : row(matrix, k * block, stride) + <usize>i * blockStride
    copyBlock(c, blockStride, cell, stride, below)
    multiply(w, c, pointerAt(3), block, block, blockStride)
    copyBlock(cell, stride, w, blockStride, below)
    pack(pointerAt(4) + <usize>i * blockBytes, c, 8)
    pack(pointerAt(5) + <usize>i * blockBytes, w, 4)
  }
}

function copyBlock(to: usize, toStride: usize, from: usize, fromStride: usize, upright: bool): void {
  for (let r = 0; r < block; r++) {
    if (upright) {
      memory.copy(row(to, r, toStride), row(from, r, fromStride), blockStride)
    } else {
      for (let k = 0; k < block; k++) store<f32>(at(row(to, k, toStride), r), load<f32>(at(row(from, r, fromStride), k)))
    }
  }
}

/** Strips of `wide` rows, one after the other, each column by column. */
function pack(to: usize, from: usize, wide: i32): void {
  for (let r = 0; r < block; r += wide) {
    for (let k = 0; k < block; k++) {
      for (let i = 0; i < wide; i++, to += 4) store<f32>(to, load<f32>(at(row(from, r + i, blockStride), k)))
    }
  }
}

/**
 * A_ij -= W_i C_j^T for some rows i of blocks and every j up to i, but for k. The long rows of blocks come first.
 *
 * Arguments: A, stride, k, blocks, packed C, packed W.
 */
export function eliminate(begin: i32, end: i32): void {
  const matrix = pointerAt(0)
  const stride = pointerAt(1)
  const k = wordAt(2)
  const blocks = wordAt(3)
  for (let n = begin; n < end; n++) {
    const i = blocks - 1 - n
    if (i == k) continue
    const w = pointerAt(5) + <usize>i * blockBytes
    for (let j = 0; j <= i; j++) {
      if (j == k) continue
      const cell = row(matrix, i * block, stride) + <usize>j * blockStride
      const c = pointerAt(4) + <usize>j * blockBytes
      for (let column: usize = 0; column < blockStride; column += 32) {
        for (let r: usize = 0; r < <usize>block; r += 4) {
          subtractTile(cell + r * stride + column, stride, w + r * blockStride, c + (column >> 2) * blockStride)
        }
      }
    }
  }
}

/** a[4, 8] -= w[4, block] c[8, block]^T, both packed. */
// @ts-ignore: decorator
@inline
function subtractTile(a: usize, stride: usize, w: usize, c: usize): void {
  const row1 = a + stride
  const row2 = row1 + stride
  const row3 = row2 + stride
  let a0 = v128.load(a)
  let b0 = v128.load(a, 16)
  let a1 = v128.load(row1)
  let b1 = v128.load(row1, 16)
  let a2 = v128.load(row2)
  let b2 = v128.load(row2, 16)
  let a3 = v128.load(row3)
  let b3 = v128.load(row3, 16)
  for (const end = w + 4 * blockStride; w < end; w += 16, c += 32) {
    const x = v128.load(c)
    const y = v128.load(c, 16)
    const w0 = v128.load32_splat(w)
    a0 = f32x4.sub(a0, f32x4.mul(w0, x))
    b0 = f32x4.sub(b0, f32x4.mul(w0, y))
    const w1 = v128.load32_splat(w, 4)
    a1 = f32x4.sub(a1, f32x4.mul(w1, x))
    b1 = f32x4.sub(b1, f32x4.mul(w1, y))
    const w2 = v128.load32_splat(w, 8)
    a2 = f32x4.sub(a2, f32x4.mul(w2, x))
    b2 = f32x4.sub(b2, f32x4.mul(w2, y))
    const w3 = v128.load32_splat(w, 12)
    a3 = f32x4.sub(a3, f32x4.mul(w3, x))
    b3 = f32x4.sub(b3, f32x4.mul(w3, y))
  }
  v128.store(a, a0)
  v128.store(a, b0, 16)
  v128.store(row1, a1)
  v128.store(row1, b1, 16)
  v128.store(row2, a2)
  v128.store(row2, b2, 16)
  v128.store(row3, a3)
  v128.store(row3, b3, 16)
}

/** Numbers of a square that is mirrored at a time. */
const square: i32 = 16

/**
 * The upper half of a matrix from its lower half. A row here is a strip of 16 rows, of the upper half: it writes no other.
 *
 * Arguments: A, stride, rows.
 */
export function mirror(begin: i32, end: i32): void {
  const matrix = pointerAt(0)
  const stride = pointerAt(1)
  const rows = wordAt(2)
  for (let strip = begin; strip < end; strip++) {
    const first = strip * square
    const last = min(first + square, rows)
    for (let j = first; j < rows; j += square) {
      for (let i = first; i < last; i++) {
        const to = row(matrix, i, stride)
        for (let column = max(j, i + 1); column < min(j + square, rows); column++) {
          store<f32>(at(to, column), load<f32>(at(row(matrix, column, stride), i)))
        }
      }
    }
  }
}

/**
 * Scores of every item for some users: out[r, j] = scale[j] * sum over the user's items i of A[i, j].
 *
 * Arguments: out, A, stride of both, users, offsets and items of each user, scale.
 */
export function sumItemRows(begin: i32, end: i32): void {
  const out = pointerAt(0)
  const matrix = pointerAt(1)
  const stride = pointerAt(2)
  const users = pointerAt(3)
  const offsets = pointerAt(4)
  const ratings = pointerAt(5)
  const scale = pointerAt(6)
  for (let r = begin; r < end; r++) {
    const user = load<i32>(at(users, r))
    const first = load<i32>(at(offsets, user))
    const to = row(out, r, stride)
    sumRows(to, matrix, at(ratings, first), load<i32>(at(offsets, user + 1)) - first, stride)
    for (let k: usize = 0; k < stride; k += 16) {
      v128.store(to + k, f32x4.mul(v128.load(to + k), v128.load(scale + k)))
    }
  }
}
