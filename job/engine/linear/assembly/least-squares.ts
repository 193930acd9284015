import { at, row } from '../../wasm/assembly/layout'
import { sumRows } from '../../wasm/assembly/rows'
import { pointerAt, realAt, wordAt } from './arguments'
import { factorize, solveFactorized } from './cholesky'
import { addGramTile, scoreTile } from './products'

// One half of a sweep of alternating least squares: the best rows x of one table, the other table Y given. With the
// weight of an unobserved cell a, and Y turned into the basis in which Y^T Y = diag(s),
//
//   x = (diag(a s + l2_x) + (1 - a) H^T H)^-1 H^T 1,   H the rows of Y that are observed with x, [n, factors]
//
// The diagonal is inverted for nothing: so where n < factors the inner system is n x n (Woodbury):
//
//   Z = H diag(a s + l2_x)^(-1/2),   x = diag(..)^(-1/2) Z^T (I + (1 - a) Z Z^T)^-1 1
//
// Most rows have few ratings and many factors; a row costs min(n, factors)^2 max(n, factors) / 2 and is exact.

/** Rows that are gathered at a time, where there are more of them than factors. */
const chunk: i32 = 64

/**
 * Arguments: X, stride of both tables, Y, offsets and indexes of the observed cells by row of X, rows of X in the order in
 * which they are taken, s, l2 of each row, a, room, bytes of room for each thread, losses.
 *
 * Room: max(factors, 64) rows, then factors rows, then three.
 */
export function solveRows(begin: i32, end: i32, thread: i32): void {
  const stride = pointerAt(1)
  const width = i32(stride >> 2)
  const offsets = pointerAt(3)
  const observed = pointerAt(4)
  const order = pointerAt(5)
  const eigenvalues = pointerAt(6)
  const unobserved = realAt(8)
  const gathered = pointerAt(9) + <usize>thread * pointerAt(10)
  const system = row(gathered, max(width, chunk), stride)
  const diagonal = row(system, width, stride)
  const sum = diagonal + stride
  const right = sum + stride
  for (let o = begin; o < end; o++) {
    const r = load<i32>(at(order, o))
    const x = row(pointerAt(0), r, stride)
    const first = load<i32>(at(offsets, r))
    const count = load<i32>(at(offsets, r + 1)) - first
    const indexes = at(observed, first)
    const l2 = load<f32>(at(pointerAt(7), r))
    memory.fill(sum, 0, stride)
    if (count == 0) {
      memory.fill(x, 0, stride)
    } else if (unobserved == 1) {
      // Cells of equal weight: there is no inner system.
      sumRows(sum, pointerAt(2), indexes, count, stride)
      inverseRoot(diagonal, eigenvalues, unobserved, l2, stride)
      for (let k: usize = 0; k < stride; k += 16) {
        const d = v128.load(diagonal + k)
        v128.store(x + k, f32x4.mul(v128.load(sum + k), f32x4.mul(d, d)))
      }
    } else if (count < width) {
      inverseRoot(diagonal, eigenvalues, unobserved, l2, stride)
      gather(gathered, pointerAt(2), indexes, count, stride)
      scaleRows(gathered, diagonal, count, stride)
      addRows(sum, gathered, count, stride)
      solveByRatings(x, gathered, system, right, count, 1 - unobserved, stride)
      // From here on sum is H^T 1 and x the row itself.
      for (let k: usize = 0; k < stride; k += 16) {
        const d = v128.load(diagonal + k)
        v128.store(sum + k, f32x4.div(v128.load(sum + k), d))
        v128.store(x + k, f32x4.mul(v128.load(x + k), d))
      }
    } else {
      memory.fill(system, 0, <usize>width * stride)
      for (let n = 0; n < count; n += chunk) {
        const some = min(chunk, count - n)
        gather(gathered, pointerAt(2), at(indexes, n), some, stride)
        addRows(sum, gathered, some, stride)
        for (let i: usize = 0; i < stride; i += 16) {
          for (let j: usize = 0; j <= i; j += 32) {
            const tile = row(system, i32(i >> 2), stride) + j
            addGramTile(tile, gathered, row(gathered, some, stride), i, j, stride, 1 - unobserved)
          }
        }
      }
      for (let k = 0; k < width; k++) {
        const cell = at(row(system, k, stride), k)
        store<f32>(cell, load<f32>(cell) + unobserved * load<f32>(at(eigenvalues, k)) + l2)
      }
      memory.copy(x, sum, stride)
      factorize(system, width, stride)
      solveFactorized(x, system, width, stride)
    }
    store<f32>(at(pointerAt(11), r), lossOf(x, sum, count, l2, width))
  }
}

/**
 * Squares of observed cells' errors and of the others' scores, weighted: at the best x they are n - b x - l2 x^2, with
 * b = H^T 1.
 */
function lossOf(x: usize, sum: usize, count: i32, l2: f32, width: i32): f32 {
  let product: f64 = 0
  let square: f64 = 0
  for (let k = 0; k < width; k++) {
    const value = <f64>load<f32>(at(x, k))
    product += value * <f64>load<f32>(at(sum, k))
    square += value * value
  }
  return f32(<f64>count - product - <f64>l2 * square)
}

/** x = Z^T (I + weight Z Z^T)^-1 1, of `count` rows Z. */
function solveByRatings(
  x: usize,
  z: usize,
  system: usize,
  right: usize,
  count: i32,
  weight: f32,
  stride: usize,
): void {
  const rows = (count + 3) & ~3
  memory.fill(row(z, count, stride), 0, <usize>(rows - count) * stride)
  const w = f32x4.splat(weight)
  for (let r = 0; r < rows; r += 2) {
    const to = row(system, r, stride)
    for (let q = 0; q <= r; q += 4) {
      const cell = at(to, q)
      scoreTile(cell, cell + stride, row(z, r, stride), row(z, r + 1, stride), row(z, q, stride), stride, stride)
      v128.store(cell, f32x4.mul(w, v128.load(cell)))
      v128.store(cell + stride, f32x4.mul(w, v128.load(cell + stride)))
    }
    store<f32>(at(to, r), load<f32>(at(to, r)) + 1)
    store<f32>(at(to + stride, r + 1), load<f32>(at(to + stride, r + 1)) + 1)
  }
  for (let r = 0; r < rows; r++) store<f32>(at(right, r), r < count ? 1 : 0)
  factorize(system, rows, stride)
  solveFactorized(right, system, rows, stride)
  memory.fill(x, 0, stride)
  for (let r = 0; r < count; r++) addScaled(x, row(z, r, stride), load<f32>(at(right, r)), stride)
}

/** out = 1 / sqrt(a s + l2) */
function inverseRoot(out: usize, eigenvalues: usize, unobserved: f32, l2: f32, stride: usize): void {
  const a = f32x4.splat(unobserved)
  const l = f32x4.splat(l2)
  for (let k: usize = 0; k < stride; k += 16) {
    const value = f32x4.add(f32x4.mul(a, v128.load(eigenvalues + k)), l)
    v128.store(out + k, f32x4.div(f32x4.splat(1), f32x4.sqrt(value)))
  }
}

function gather(to: usize, table: usize, indexes: usize, count: i32, stride: usize): void {
  for (let r = 0; r < count; r++) memory.copy(row(to, r, stride), row(table, load<i32>(at(indexes, r)), stride), stride)
}

function scaleRows(table: usize, by: usize, count: i32, stride: usize): void {
  for (let r = 0; r < count; r++) {
    const own = row(table, r, stride)
    for (let k: usize = 0; k < stride; k += 16) v128.store(own + k, f32x4.mul(v128.load(own + k), v128.load(by + k)))
  }
}

function addRows(to: usize, table: usize, count: i32, stride: usize): void {
  for (let r = 0; r < count; r++) addScaled(to, row(table, r, stride), 1, stride)
}

// @ts-ignore: decorator
@inline
function addScaled(to: usize, from: usize, by: f32, stride: usize): void {
  const w = f32x4.splat(by)
  for (let k: usize = 0; k < stride; k += 16) {
    v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(w, v128.load(from + k))))
  }
}
