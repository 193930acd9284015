import { at, row } from '../../wasm/assembly/layout'
import { scoreTile } from './products'

/**
 * L of A = L L^T in the place of A's lower half, four columns at a time: first what the columns before contribute, as tiles
 * of two rows by four, then a triangle of four by numbers. Leaves rubbish above the diagonal.
 *
 * @param rows a multiple of four
 */
export function factorize(matrix: usize, rows: i32, stride: usize): void {
  for (let j = 0; j < rows; j += 4) {
    const top = row(matrix, j, stride)
    if (j > 0) {
      for (let i = j; i < rows; i += 2) subtractDots(row(matrix, i, stride), top, j, stride)
    }
    // The triangle on the diagonal, then the rows below it.
    for (let i = j; i < rows; i++) {
      const own = row(matrix, i, stride)
      const last = min(i - j, 4)
      for (let c = 0; c < last; c++) {
        const other = row(matrix, j + c, stride)
        let value = load<f32>(at(own, j + c))
        for (let k = j; k < j + c; k++) value -= load<f32>(at(own, k)) * load<f32>(at(other, k))
        store<f32>(at(own, j + c), value / load<f32>(at(other, j + c)))
      }
      if (last < 4) {
        let value = load<f32>(at(own, i))
        for (let k = j; k < i; k++) value -= load<f32>(at(own, k)) * load<f32>(at(own, k))
        store<f32>(at(own, i), Mathf.sqrt(value))
      }
    }
  }
}

/** Of two rows, the four numbers from column j on: less the dots of what is before them with the same of rows j to j + 3. */
// @ts-ignore: decorator
@inline
function subtractDots(own: usize, top: usize, j: i32, stride: usize): void {
  const cell = at(own, j)
  const a = v128.load(cell)
  const b = v128.load(cell + stride)
  scoreTile(cell, cell + stride, own, own + stride, top, stride, <usize>j << 2)
  v128.store(cell, f32x4.sub(a, v128.load(cell)))
  v128.store(cell + stride, f32x4.sub(b, v128.load(cell + stride)))
}

/** x = (L L^T)^-1 x, in its place. */
export function solveFactorized(x: usize, factor: usize, rows: i32, stride: usize): void {
  for (let i = 0; i < rows; i++) {
    const own = row(factor, i, stride)
    let value = load<f32>(at(x, i))
    for (let k = 0; k < i; k++) value -= load<f32>(at(own, k)) * load<f32>(at(x, k))
    store<f32>(at(x, i), value / load<f32>(at(own, i)))
  }
  for (let i = rows - 1; i >= 0; i--) {
    const own = row(factor, i, stride)
    const value = load<f32>(at(x, i)) / load<f32>(at(own, i))
    store<f32>(at(x, i), value)
    for (let k = 0; k < i; k++) store<f32>(at(x, k), load<f32>(at(x, k)) - value * load<f32>(at(own, k)))
  }
}
