import { at, row } from '../../wasm/assembly/layout'
import { sumLanes } from '../../wasm/assembly/rows'
import { sigmoid } from '../../wasm/assembly/sigmoid'

/**
 * Pairs of a batch, each an observed cell (u, i) against an unobserved one (u, j): the loss, and what they add to its
 * derivatives.
 *
 *   lead = h . (p_u * (q_i - q_j));  loss = -ln sigma(lead)
 *
 * @param userOf   u, `[pairs]`, a row of `users`
 * @param itemOf   i and j, `[pairs, 2]`, rows of `items`
 * @param users    p, `[distinct users, factors]`; its gradient in `userGradients`
 * @param items    q, alike
 * @param output   h, `[factors]`; its gradient in `outputGradients`
 * @returns the loss, summed
 */
export function differentiatePairs(
  pairs: i32,
  userOf: usize,
  itemOf: usize,
  users: usize,
  userGradients: usize,
  items: usize,
  itemGradients: usize,
  output: usize,
  outputGradients: usize,
  stride: usize,
): f64 {
  let loss: f64 = 0
  for (let pair = 0; pair < pairs; pair++) {
    const u = load<i32>(at(userOf, pair))
    const i = load<i32>(at(itemOf, 2 * pair))
    const j = load<i32>(at(itemOf, 2 * pair + 1))
    const p = row(users, u, stride)
    const q = row(items, i, stride)
    const r = row(items, j, stride)
    let sum = f32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 16) {
      const hp = f32x4.mul(v128.load(output + k), v128.load(p + k))
      sum = f32x4.add(sum, f32x4.mul(hp, f32x4.sub(v128.load(q + k), v128.load(r + k))))
    }
    const right = sigmoid(sumLanes(sum))
    loss -= <f64>NativeMathf.log(max(right, f32.MIN_NORMAL_VALUE))
    const by = f32x4.splat(right - 1)
    const dp = row(userGradients, u, stride)
    const dq = row(itemGradients, i, stride)
    const dr = row(itemGradients, j, stride)
    for (let k: usize = 0; k < stride; k += 16) {
      const pk = v128.load(p + k)
      const apart = f32x4.mul(by, f32x4.sub(v128.load(q + k), v128.load(r + k)))
      const h = v128.load(output + k)
      const dh = outputGradients + k
      v128.store(dh, f32x4.add(v128.load(dh), f32x4.mul(pk, apart)))
      v128.store(dp + k, f32x4.add(v128.load(dp + k), f32x4.mul(h, apart)))
      const move = f32x4.mul(by, f32x4.mul(h, pk))
      v128.store(dq + k, f32x4.add(v128.load(dq + k), move))
      v128.store(dr + k, f32x4.sub(v128.load(dr + k), move))
    }
  }
  return loss
}
