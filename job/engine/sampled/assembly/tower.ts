import { at, row } from '../../wasm/assembly/layout'
import { dotRows, sumLanes } from '../../wasm/assembly/rows'
import { sigmoid } from '../../wasm/assembly/sigmoid'

// The parts of neural collaborative filtering that are no products of matrices. Rows of a layer are `stride` bytes.

/** First hidden layer of samples: out[s] = max(0, users[userOf[s]] + items[itemOf[s]]). */
export function joinHalves(
  out: usize,
  users: usize,
  items: usize,
  userOf: usize,
  itemOf: usize,
  samples: i32,
  stride: usize,
): void {
  const zero = f32x4.splat(0)
  for (let s = 0; s < samples; s++) {
    const u = row(users, load<i32>(at(userOf, s)), stride)
    const i = row(items, load<i32>(at(itemOf, s)), stride)
    const to = row(out, s, stride)
    for (let k: usize = 0; k < stride; k += 16) {
      v128.store(to + k, f32x4.max(zero, f32x4.add(v128.load(u + k), v128.load(i + k))))
    }
  }
}

/** The same for one user against items that stand side by side. */
export function joinUser(out: usize, user: usize, items: usize, count: i32, stride: usize): void {
  const zero = f32x4.splat(0)
  const end = <usize>count * stride
  for (let k: usize = 0; k < stride; k += 16) {
    const u = v128.load(user + k)
    for (let i: usize = k; i < end; i += stride) v128.store(out + i, f32x4.max(zero, f32x4.add(u, v128.load(items + i))))
  }
}

/** Back through a rectifier: what came to its outputs goes on where they are above 0; adds the sums to the bias's. */
export function rectifyBackward(gradients: usize, outputs: usize, bias: usize, rows: i32, stride: usize): void {
  const zero = f32x4.splat(0)
  const end = <usize>rows * stride
  for (let k: usize = 0; k < stride; k += 16) {
    let sum = v128.load(bias + k)
    for (let r: usize = k; r < end; r += stride) {
      const g = v128.and(v128.load(gradients + r), f32x4.gt(v128.load(outputs + r), zero))
      v128.store(gradients + r, g)
      sum = f32x4.add(sum, g)
    }
    v128.store(bias + k, sum)
  }
}

/**
 * The output neuron over both parts, its loss, and the derivatives by all that it reads.
 *
 *   z = h . [p_u * q_i, x] + b;  loss = -ln sigma(z) of an observed cell, -ln sigma(-z) of another
 *
 * @param labels 1 for an observed cell, else 0; float32
 * @param users  p, `[distinct users, factors]`; its gradient, to be added to, in `userGradients`
 * @param items  q, alike
 * @param last   x, `[samples, neurons]`; its gradient is stored in `lastGradients`
 * @param head   h, then b; its gradient, to be added to, in `headGradients`
 * @returns the loss, summed
 */
export function differentiateHead(
  samples: i32,
  userOf: usize,
  itemOf: usize,
  labels: usize,
  users: usize,
  userGradients: usize,
  items: usize,
  itemGradients: usize,
  last: usize,
  lastGradients: usize,
  head: usize,
  headGradients: usize,
  factorStride: usize,
  lastStride: usize,
): f64 {
  let loss: f64 = 0
  const neurons = head + factorStride
  const neuronGradients = headGradients + factorStride
  const bias = neurons + lastStride
  const biasGradient = neuronGradients + lastStride
  for (let s = 0; s < samples; s++) {
    const u = load<i32>(at(userOf, s))
    const i = load<i32>(at(itemOf, s))
    const p = row(users, u, factorStride)
    const q = row(items, i, factorStride)
    const x = row(last, s, lastStride)
    let sum = f32x4.splat(0)
    for (let k: usize = 0; k < factorStride; k += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(head + k), f32x4.mul(v128.load(p + k), v128.load(q + k))))
    }
    const z = sumLanes(sum) + dotRows(neurons, x, lastStride) + load<f32>(bias)
    const label = load<f32>(at(labels, s))
    const right = sigmoid(label > 0 ? z : -z)
    loss -= <f64>NativeMathf.log(max(right, f32.MIN_NORMAL_VALUE))
    const d = label > 0 ? right - 1 : 1 - right
    const by = f32x4.splat(d)
    const dp = row(userGradients, u, factorStride)
    const dq = row(itemGradients, i, factorStride)
    for (let k: usize = 0; k < factorStride; k += 16) {
      const pk = v128.load(p + k)
      const qk = v128.load(q + k)
      const dh = f32x4.mul(by, v128.load(head + k))
      v128.store(dp + k, f32x4.add(v128.load(dp + k), f32x4.mul(dh, qk)))
      v128.store(dq + k, f32x4.add(v128.load(dq + k), f32x4.mul(dh, pk)))
      const g = headGradients + k
      v128.store(g, f32x4.add(v128.load(g), f32x4.mul(by, f32x4.mul(pk, qk))))
    }
    const dx = row(lastGradients, s, lastStride)
    for (let k: usize = 0; k < lastStride; k += 16) {
      v128.store(dx + k, f32x4.mul(by, v128.load(neurons + k)))
      const g = neuronGradients + k
      v128.store(g, f32x4.add(v128.load(g), f32x4.mul(by, v128.load(x + k))))
    }
    store<f32>(biasGradient, load<f32>(biasGradient) + d)
  }
  return loss
}

/** out[r] += x_r . y */
export function addDots(out: usize, x: usize, y: usize, rows: i32, stride: usize): void {
  for (let r = 0; r < rows; r++) store<f32>(at(out, r), load<f32>(at(out, r)) + dotRows(row(x, r, stride), y, stride))
}
