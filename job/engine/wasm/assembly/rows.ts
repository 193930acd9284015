// Sums of table rows. The row being summed stays in registers, 32 numbers at a time, while the table's rows
// stream by: one load a vector instead of two loads and a store.

/** out = sum over k of table[indexes[k]]; `stride` bytes a row, a multiple of 16. */
export function sumRows(out: usize, table: usize, indexes: usize, count: i32, stride: usize): void {
  const end = indexes + (<usize>count << 2)
  let column: usize = 0
  for (; column + 128 <= stride; column += 128) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let a2 = f32x4.splat(0)
    let a3 = f32x4.splat(0)
    let a4 = f32x4.splat(0)
    let a5 = f32x4.splat(0)
    let a6 = f32x4.splat(0)
    let a7 = f32x4.splat(0)
    const base = table + column
    for (let p = indexes; p < end; p += 4) {
      const from = base + <usize>load<u32>(p) * stride
      a0 = f32x4.add(a0, v128.load(from))
      a1 = f32x4.add(a1, v128.load(from, 16))
      a2 = f32x4.add(a2, v128.load(from, 32))
      a3 = f32x4.add(a3, v128.load(from, 48))
      a4 = f32x4.add(a4, v128.load(from, 64))
      a5 = f32x4.add(a5, v128.load(from, 80))
      a6 = f32x4.add(a6, v128.load(from, 96))
      a7 = f32x4.add(a7, v128.load(from, 112))
    }
    const to = out + column
    v128.store(to, a0)
    v128.store(to, a1, 16)
    v128.store(to, a2, 32)
    v128.store(to, a3, 48)
    v128.store(to, a4, 64)
    v128.store(to, a5, 80)
    v128.store(to, a6, 96)
    v128.store(to, a7, 112)
  }
  for (; column < stride; column += 16) {
    let sum = f32x4.splat(0)
    const base = table + column
    for (let p = indexes; p < end; p += 4) {
      sum = f32x4.add(sum, v128.load(base + <usize>load<u32>(p) * stride))
    }
    v128.store(out + column, sum)
  }
}

/** out = sum over k of weights[k] * table[indexes[k]] */
export function sumWeightedRows(
  out: usize,
  table: usize,
  indexes: usize,
  weights: usize,
  count: i32,
  stride: usize,
): void {
  const bytes = <usize>count << 2
  let column: usize = 0
  for (; column + 128 <= stride; column += 128) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let a2 = f32x4.splat(0)
    let a3 = f32x4.splat(0)
    let a4 = f32x4.splat(0)
    let a5 = f32x4.splat(0)
    let a6 = f32x4.splat(0)
    let a7 = f32x4.splat(0)
    const base = table + column
    for (let k: usize = 0; k < bytes; k += 4) {
      const from = base + <usize>load<u32>(indexes + k) * stride
      const weight = v128.load32_splat(weights + k)
      a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(from)))
      a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(from, 16)))
      a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(from, 32)))
      a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(from, 48)))
      a4 = f32x4.add(a4, f32x4.mul(weight, v128.load(from, 64)))
      a5 = f32x4.add(a5, f32x4.mul(weight, v128.load(from, 80)))
      a6 = f32x4.add(a6, f32x4.mul(weight, v128.load(from, 96)))
      a7 = f32x4.add(a7, f32x4.mul(weight, v128.load(from, 112)))
    }
    const to = out + column
    v128.store(to, a0)
    v128.store(to, a1, 16)
    v128.store(to, a2, 32)
    v128.store(to, a3, 48)
    v128.store(to, a4, 64)
    v128.store(to, a5, 80)
    v128.store(to, a6, 96)
    v128.store(to, a7, 112)
  }
  for (; column < stride; column += 16) {
    let sum = f32x4.splat(0)
    const base = table + column
    for (let k: usize = 0; k < bytes; k += 4) {
      const from = base + <usize>load<u32>(indexes + k) * stride
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + k), v128.load(from)))
    }
    v128.store(out + column, sum)
  }
}

/** Sum of the four lanes, as ((0 + 2) + (1 + 3)). */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** Inner product of two rows. */
// @ts-ignore: decorator
@inline
export function dotRows(a: usize, b: usize, stride: usize): f32 {
  let even = f32x4.splat(0)
  let odd = f32x4.splat(0)
  let column: usize = 0
  for (; column + 32 <= stride; column += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(a + column), v128.load(b + column)))
    odd = f32x4.add(odd, f32x4.mul(v128.load(a + column, 16), v128.load(b + column, 16)))
  }
  for (; column < stride; column += 16) {
    even = f32x4.add(even, f32x4.mul(v128.load(a + column), v128.load(b + column)))
  }
  return sumLanes(f32x4.add(even, odd))
}
