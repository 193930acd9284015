// What this machine can do at best, each in a loop of its own that does nothing else: the measures that the engine's
// kernels are held against. Same language, same compiler, same 128-bit vectors as they.

/**
 * Dots of one row with `count` others in turn, two loads for each product, everything in the first-level cache.
 * Returns a sum, so that nothing is left out.
 */
export function dots(row: usize, table: usize, count: i32, stride: usize): f32 {
  let sums = f32x4.splat(0)
  for (let i = 0; i < count; i++) {
    const other = table + <usize>(i & 15) * stride
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 64) {
      const x = row + k
      const y = other + k
      s0 = f32x4.add(s0, f32x4.mul(v128.load(x), v128.load(y)))
      s1 = f32x4.add(s1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)))
      s2 = f32x4.add(s2, f32x4.mul(v128.load(x, 32), v128.load(y, 32)))
      s3 = f32x4.add(s3, f32x4.mul(v128.load(x, 48), v128.load(y, 48)))
    }
    sums = f32x4.add(sums, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  }
  return lanes(sums)
}

/** The same with four rows at a time: five loads for four products. */
export function dotsByFour(row: usize, table: usize, count: i32, stride: usize): f32 {
  let sums = f32x4.splat(0)
  for (let i = 0; i < count; i += 4) {
    const other = table + <usize>(i & 15) * stride
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 64) {
      const x0 = v128.load(row + k)
      const x1 = v128.load(row + k, 16)
      const x2 = v128.load(row + k, 32)
      const x3 = v128.load(row + k, 48)
      s0 = f32x4.add(s0, sixteen(x0, x1, x2, x3, other + k))
      s1 = f32x4.add(s1, sixteen(x0, x1, x2, x3, other + stride + k))
      s2 = f32x4.add(s2, sixteen(x0, x1, x2, x3, other + 2 * stride + k))
      s3 = f32x4.add(s3, sixteen(x0, x1, x2, x3, other + 3 * stride + k))
    }
    sums = f32x4.add(sums, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  }
  return lanes(sums)
}

/** Two rows by four in registers, as a product of dense matrices: eight products for six loads. */
export function dotsTiled(rows: usize, table: usize, count: i32, stride: usize): f32 {
  let sums = f32x4.splat(0)
  const second = rows + stride
  for (let i = 0; i < count; i += 8) {
    const c0 = table + <usize>(i & 8) * stride
    const c1 = c0 + stride
    const c2 = c1 + stride
    const c3 = c2 + stride
    let r0 = f32x4.splat(0)
    let r1 = f32x4.splat(0)
    let r2 = f32x4.splat(0)
    let r3 = f32x4.splat(0)
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 16) {
      const a = v128.load(rows + k)
      const b = v128.load(second + k)
      const x0 = v128.load(c0 + k)
      r0 = f32x4.add(r0, f32x4.mul(a, x0))
      s0 = f32x4.add(s0, f32x4.mul(b, x0))
      const x1 = v128.load(c1 + k)
      r1 = f32x4.add(r1, f32x4.mul(a, x1))
      s1 = f32x4.add(s1, f32x4.mul(b, x1))
      const x2 = v128.load(c2 + k)
      r2 = f32x4.add(r2, f32x4.mul(a, x2))
      s2 = f32x4.add(s2, f32x4.mul(b, x2))
      const x3 = v128.load(c3 + k)
      r3 = f32x4.add(r3, f32x4.mul(a, x3))
      s3 = f32x4.add(s3, f32x4.mul(b, x3))
    }
    sums = f32x4.add(sums, f32x4.add(f32x4.add(r0, r1), f32x4.add(r2, r3)))
    sums = f32x4.add(sums, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  }
  return lanes(sums)
}

/** Reads `count` rows that lie anywhere, whole rows one after the other: a gather that has nothing to write. */
export function gather(table: usize, indexes: usize, count: i32, stride: usize): f32 {
  const end = indexes + (<usize>count << 2)
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let p = indexes; p < end; p += 4) {
    const from = table + <usize>load<u32>(p) * stride
    for (let k: usize = 0; k < stride; k += 64) {
      const at = from + k
      s0 = f32x4.add(s0, v128.load(at))
      s1 = f32x4.add(s1, v128.load(at, 16))
      s2 = f32x4.add(s2, v128.load(at, 32))
      s3 = f32x4.add(s3, v128.load(at, 48))
    }
  }
  return lanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
}

export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes)
}

// @ts-ignore: decorator
@inline
function sixteen(x0: v128, x1: v128, x2: v128, x3: v128, at: usize): v128 {
  const first = f32x4.add(f32x4.mul(x0, v128.load(at)), f32x4.mul(x1, v128.load(at, 16)))
  return f32x4.add(first, f32x4.add(f32x4.mul(x2, v128.load(at, 32)), f32x4.mul(x3, v128.load(at, 48))))
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}
