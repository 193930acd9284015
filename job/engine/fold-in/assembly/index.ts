import { at, row } from '../../wasm/assembly/layout'
import { dotRows, sumRows } from '../../wasm/assembly/rows'
import { sigmoid4 } from '../../wasm/assembly/sigmoid'

// One step of the fold-in component, phase by phase; fold-in-engine.ts says what for. All pointers are in bytes. Rows of
// weights and of hidden layers are `stride` bytes apart, a multiple of 32; behind the hidden units stands one number
// more, 1 in a hidden layer and the item's output bias in the decoder, then zeros.

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
