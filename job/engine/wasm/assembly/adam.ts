import { real, Slot } from './layout'

// Adam as TensorFlow has it: epsilon outside the bias correction, which is folded into the learning rate.
//   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= rate m / (sqrt(v) + epsilon)
// with g = gradient + l2 w. Every weight moves at every step: L2 and old momentum move those that the block
// did not touch.

/** Updates `bytes / 4` weights at `w`; their moments lie `moments` bytes and twice that behind them. */
export function adamRow(w: usize, moments: usize, gradient: usize, bytes: usize, l2: f32): void {
  const rate = f32x4.splat(real(Slot.learningRate))
  const beta1 = f32x4.splat(real(Slot.beta1))
  const beta2 = f32x4.splat(real(Slot.beta2))
  const rest1 = f32x4.splat(<f32>1 - real(Slot.beta1))
  const rest2 = f32x4.splat(<f32>1 - real(Slot.beta2))
  const epsilon = f32x4.splat(real(Slot.epsilon))
  const decay = f32x4.splat(l2)
  for (let k: usize = 0; k < bytes; k += 16) {
    const at = w + k
    const weight = v128.load(at)
    const g = f32x4.add(v128.load(gradient + k), f32x4.mul(decay, weight))
    const m = f32x4.add(f32x4.mul(beta1, v128.load(at + moments)), f32x4.mul(rest1, g))
    const v = f32x4.add(f32x4.mul(beta2, v128.load(at + 2 * moments)), f32x4.mul(rest2, f32x4.mul(g, g)))
    v128.store(at + moments, m)
    v128.store(at + 2 * moments, v)
    const move = f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.sqrt(v), epsilon))
    v128.store(at, f32x4.sub(weight, move))
  }
}

/** The same for one weight. */
export function adamOne(w: usize, moments: usize, gradient: f32, l2: f32): void {
  const weight = load<f32>(w)
  const g = gradient + l2 * weight
  const m = real(Slot.beta1) * load<f32>(w + moments) + (<f32>1 - real(Slot.beta1)) * g
  const v = real(Slot.beta2) * load<f32>(w + 2 * moments) + (<f32>1 - real(Slot.beta2)) * (g * g)
  store<f32>(w + moments, m)
  store<f32>(w + 2 * moments, v)
  store<f32>(w, weight - (real(Slot.learningRate) * m) / (sqrt<f32>(v) + real(Slot.epsilon)))
}
