import { adamRow } from '../../wasm/assembly/adam'
import { at, row } from '../../wasm/assembly/layout'
import { dotRows, sumLanesOfFour, sumRows } from '../../wasm/assembly/rows'
import { sigmoid4 } from '../../wasm/assembly/sigmoid'

// One step of the fold-in component, phase by phase; fold-in-engine.ts says what for. All pointers are in bytes. Rows of
// weights and of hidden layers are `stride` bytes apart, a multiple of 32; behind the hidden units stands one number
// more, 1 in a hidden layer and the item's output bias in the decoder, then zeros.

export { adamRow as adam }

/**
 * Hidden layers: h_r = tanh(bias + scales[r] * sum of the encoder's rows of r's items), then the 1.
 *
 * @param hidden how many units come before the 1
 */
export function encode(
  out: usize,
  encoder: usize,
  bias: usize,
  offsets: usize,
  items: usize,
  scales: usize,
  rows: i32,
  hidden: i32,
  stride: usize,
): void {
  const one = f32x4.splat(1)
  const two = f32x4.splat(2)
  for (let r = 0; r < rows; r++) {
    const h = row(out, r, stride)
    const first = load<i32>(at(offsets, r))
    sumRows(h, encoder, at(items, first), load<i32>(at(offsets, r + 1)) - first, stride)
    const scale = v128.load32_splat(at(scales, r))
    for (let k: usize = 0; k < stride; k += 16) {
      // tanh(z) = 2 sigma(2 z) - 1
      const z = f32x4.add(v128.load(bias + k), f32x4.mul(scale, v128.load(h + k)))
      v128.store(h + k, f32x4.sub(f32x4.mul(two, sigmoid4(f32x4.mul(two, z))), one))
    }
    for (let k = at(h, hidden); k < h + stride; k += 4) store<f32>(k, 0)
    store<f32>(at(h, hidden), 1)
  }
}

/** Rows of a table that pass over the whole Gram matrix at a time: 32 rows of 672 bytes fill a first-level cache. */
const gramRows: i32 = 32

/** out = X^T X, `[stride / 4, stride / 4]`, of a table of `rows` rows. */
export function gram(out: usize, table: usize, rows: i32, stride: usize): void {
  const width = i32(stride >> 2)
  memory.fill(out, 0, stride * (width as usize))
  for (let first = 0; first < rows; first += gramRows) {
    const end = row(table, min(first + gramRows, rows), stride)
    for (let i = 0; i < width; i += 4) {
      // Tiles of four rows by eight columns, from the diagonal on.
      for (let column: usize = (<usize>i << 2) & ~31; column < stride; column += 32) {
        gramTile(out + <usize>i * stride + column, row(table, first, stride), end, <usize>i << 2, column, stride)
      }
    }
  }
  for (let i = 1; i < width; i++) {
    for (let j = 0; j < i; j++) store<f32>(at(row(out, i, stride), j), load<f32>(at(row(out, j, stride), i)))
  }
}

// @ts-ignore: decorator
@inline
function gramTile(out: usize, begin: usize, end: usize, i: usize, j: usize, stride: usize): void {
  const o1 = out + stride
  const o2 = o1 + stride
  const o3 = o2 + stride
  let a0 = v128.load(out)
  let b0 = v128.load(out, 16)
  let a1 = v128.load(o1)
  let b1 = v128.load(o1, 16)
  let a2 = v128.load(o2)
  let b2 = v128.load(o2, 16)
  let a3 = v128.load(o3)
  let b3 = v128.load(o3, 16)
  for (let x = begin; x < end; x += stride) {
    const a = v128.load(x + j)
    const b = v128.load(x + j, 16)
    const x0 = v128.load32_splat(x + i)
    const x1 = v128.load32_splat(x + i, 4)
    const x2 = v128.load32_splat(x + i, 8)
    const x3 = v128.load32_splat(x + i, 12)
    a0 = f32x4.add(a0, f32x4.mul(x0, a))
    b0 = f32x4.add(b0, f32x4.mul(x0, b))
    a1 = f32x4.add(a1, f32x4.mul(x1, a))
    b1 = f32x4.add(b1, f32x4.mul(x1, b))
    a2 = f32x4.add(a2, f32x4.mul(x2, a))
    b2 = f32x4.add(b2, f32x4.mul(x2, b))
    a3 = f32x4.add(a3, f32x4.mul(x3, a))
    b3 = f32x4.add(b3, f32x4.mul(x3, b))
  }
  v128.store(out, a0)
  v128.store(out, b0, 16)
  v128.store(o1, a1)
  v128.store(o1, b1, 16)
  v128.store(o2, a2)
  v128.store(o2, b2, 16)
  v128.store(o3, a3)
  v128.store(o3, b3, 16)
}

/** out = factor * X G: every row of a table times a Gram matrix. */
export function timesGram(out: usize, table: usize, gram: usize, rows: i32, factor: f32, stride: usize): void {
  const f = f32x4.splat(factor)
  for (let r = 0; r < rows; r += 4) {
    // The last tile may hold its last row more than once.
    const r1 = min(r + 1, rows - 1)
    const r2 = min(r + 2, rows - 1)
    const r3 = min(r + 3, rows - 1)
    const x0 = row(table, r, stride)
    const x1 = row(table, r1, stride)
    const x2 = row(table, r2, stride)
    const x3 = row(table, r3, stride)
    for (let column: usize = 0; column < stride; column += 32) {
      let a0 = f32x4.splat(0)
      let b0 = f32x4.splat(0)
      let a1 = f32x4.splat(0)
      let b1 = f32x4.splat(0)
      let a2 = f32x4.splat(0)
      let b2 = f32x4.splat(0)
      let a3 = f32x4.splat(0)
      let b3 = f32x4.splat(0)
      let g = gram + column
      for (let k: usize = 0; k < stride; k += 4, g += stride) {
        const a = v128.load(g)
        const b = v128.load(g, 16)
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
      storePair(row(out, r, stride) + column, f32x4.mul(f, a0), f32x4.mul(f, b0))
      storePair(row(out, r1, stride) + column, f32x4.mul(f, a1), f32x4.mul(f, b1))
      storePair(row(out, r2, stride) + column, f32x4.mul(f, a2), f32x4.mul(f, b2))
      storePair(row(out, r3, stride) + column, f32x4.mul(f, a3), f32x4.mul(f, b3))
    }
  }
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, a: v128, b: v128): void {
  v128.store(to, a)
  v128.store(to, b, 16)
}

/**
 * What observed cells add to the gradients by the hidden layers and by the decoder, which hold what all cells have in
 * common. Returns the loss of the observed cells, less what they have in common with all.
 *
 * @param rest weight of an unobserved cell
 */
export function observe(
  hidden: usize,
  hiddenGradient: usize,
  decoder: usize,
  decoderGradient: usize,
  offsets: usize,
  items: usize,
  rows: i32,
  rest: f32,
  stride: usize,
): f64 {
  let loss: f64 = 0
  for (let r = 0; r < rows; r++) {
    const h = row(hidden, r, stride)
    const dh = row(hiddenGradient, r, stride)
    const end = at(items, load<i32>(at(offsets, r + 1)))
    for (let p = at(items, load<i32>(at(offsets, r))); p < end; p += 4) {
      const item = load<i32>(p)
      const w = row(decoder, item, stride)
      const dw = row(decoderGradient, item, stride)
      const score = dotRows(h, w, stride)
      loss += <f64>((score - 1) * (score - 1) - rest * score * score)
      const d = f32x4.splat(2 * (score - 1) - 2 * rest * score)
      for (let k: usize = 0; k < stride; k += 16) {
        v128.store(dh + k, f32x4.add(v128.load(dh + k), f32x4.mul(d, v128.load(w + k))))
        v128.store(dw + k, f32x4.add(v128.load(dw + k), f32x4.mul(d, v128.load(h + k))))
      }
    }
  }
  return loss
}

/**
 * Hands the hidden layers' gradients on to the encoder's rows and its bias, through tanh' = 1 - h^2, which is 0 at
 * the 1 behind the hidden units; behind that the gradients are. Changes `hiddenGradient`.
 */
export function backward(
  hidden: usize,
  hiddenGradient: usize,
  encoderGradient: usize,
  biasGradient: usize,
  offsets: usize,
  items: usize,
  scales: usize,
  rows: i32,
  stride: usize,
): void {
  const one = f32x4.splat(1)
  for (let r = 0; r < rows; r++) {
    const h = row(hidden, r, stride)
    const dz = row(hiddenGradient, r, stride)
    const scale = v128.load32_splat(at(scales, r))
    for (let k: usize = 0; k < stride; k += 16) {
      const x = v128.load(h + k)
      const z = f32x4.mul(v128.load(dz + k), f32x4.sub(one, f32x4.mul(x, x)))
      v128.store(biasGradient + k, f32x4.add(v128.load(biasGradient + k), z))
      v128.store(dz + k, f32x4.mul(scale, z))
    }
    const end = at(items, load<i32>(at(offsets, r + 1)))
    for (let p = at(items, load<i32>(at(offsets, r))); p < end; p += 4) {
      const g = row(encoderGradient, load<i32>(p), stride)
      for (let k: usize = 0; k < stride; k += 16) v128.store(g + k, f32x4.add(v128.load(g + k), v128.load(dz + k)))
    }
  }
}

/** Sum over rows of x_r . y_r. */
export function dots(x: usize, y: usize, rows: i32, stride: usize): f64 {
  let sum: f64 = 0
  for (let r = 0; r < rows; r++) sum += <f64>dotRows(row(x, r, stride), row(y, r, stride), stride)
  return sum
}

/** Decoder rows that stay in the first-level cache while all hidden layers pass over them. */
const strip: i32 = 16

/** Scores of all items, `items` rounded up to a multiple of 4 numbers a row. The decoder may be read three rows on. */
export function score(out: usize, hidden: usize, decoder: usize, rows: i32, items: i32, stride: usize): void {
  const outBytes = ((<usize>items + 3) & ~3) << 2
  for (let first = 0; first < items; first += strip) {
    for (let r = 0; r < rows; r++) {
      const h = row(hidden, r, stride)
      for (let item = first; item < min(first + strip, items); item += 4) {
        const w0 = row(decoder, item, stride)
        const w1 = w0 + stride
        const w2 = w1 + stride
        const w3 = w2 + stride
        let s0 = f32x4.splat(0)
        let s1 = f32x4.splat(0)
        let s2 = f32x4.splat(0)
        let s3 = f32x4.splat(0)
        for (let k: usize = 0; k < stride; k += 16) {
          const x = v128.load(h + k)
          s0 = f32x4.add(s0, f32x4.mul(x, v128.load(w0 + k)))
          s1 = f32x4.add(s1, f32x4.mul(x, v128.load(w1 + k)))
          s2 = f32x4.add(s2, f32x4.mul(x, v128.load(w2 + k)))
          s3 = f32x4.add(s3, f32x4.mul(x, v128.load(w3 + k)))
        }
        v128.store(at(row(out, r, outBytes), item), sumLanesOfFour(s0, s1, s2, s3))
      }
    }
  }
}
