// Sums of table rows. A cache line's worth of the sum stays in registers while that much of the table's rows streams by,
// two rows at a time; then the next line's worth. docs/engines.md has what else was tried.

/** Bytes of indexes of the rows that are summed at a time: 32 rows of 640 bytes fill 20 KB of a first-level cache. */
const someRows: usize = 32 << 2

/**
 * out = sum over k of table[indexes[k]]; `stride` bytes a row, a multiple of 16. With `onto` it is added to what `out`
 * holds: a sum may be taken in several calls, to the same bits if all but the last one have an even count.
 *
 * Some rows after the other: so few that their lines and their pages are still at hand for the next line's turn. A row of
 * the rating matrix is long enough for that to matter.
 */
export function sumRows(
  out: usize,
  table: usize,
  indexes: usize,
  count: i32,
  stride: usize,
  onto: bool = false,
): void {
  const bytes = <usize>count << 2
  if (count == 0 && !onto) memory.fill(out, 0, stride)
  for (let first: usize = 0; first < bytes; first += someRows) {
    const fresh = first == 0 && !onto
    const end = min(first + someRows, bytes)
    const endOfPairs = first + ((end - first) & ~7)
    let column: usize = 0
    for (; column + 64 <= stride; column += 64) {
      const to = out + column
      const base = table + column
      let a0 = fresh ? f32x4.splat(0) : v128.load(to)
      let a1 = fresh ? f32x4.splat(0) : v128.load(to, 16)
      let a2 = fresh ? f32x4.splat(0) : v128.load(to, 32)
      let a3 = fresh ? f32x4.splat(0) : v128.load(to, 48)
      for (let k = first; k < endOfPairs; k += 8) {
        const from = base + <usize>load<u32>(indexes + k) * stride
        const next = base + <usize>load<u32>(indexes + k, 4) * stride
        a0 = f32x4.add(a0, f32x4.add(v128.load(from), v128.load(next)))
        a1 = f32x4.add(a1, f32x4.add(v128.load(from, 16), v128.load(next, 16)))
        a2 = f32x4.add(a2, f32x4.add(v128.load(from, 32), v128.load(next, 32)))
        a3 = f32x4.add(a3, f32x4.add(v128.load(from, 48), v128.load(next, 48)))
      }
      if (endOfPairs < end) {
        const from = base + <usize>load<u32>(indexes + endOfPairs) * stride
        a0 = f32x4.add(a0, v128.load(from))
        a1 = f32x4.add(a1, v128.load(from, 16))
        a2 = f32x4.add(a2, v128.load(from, 32))
        a3 = f32x4.add(a3, v128.load(from, 48))
      }
      v128.store(to, a0)
      v128.store(to, a1, 16)
      v128.store(to, a2, 32)
      v128.store(to, a3, 48)
    }
    for (; column < stride; column += 16) {
      let sum = fresh ? f32x4.splat(0) : v128.load(out + column)
      for (let k = first; k < end; k += 4) {
        sum = f32x4.add(sum, v128.load(table + column + <usize>load<u32>(indexes + k) * stride))
      }
      v128.store(out + column, sum)
    }
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
  const pairBytes = <usize>(count & ~1) << 2
  let column: usize = 0
  for (; column + 64 <= stride; column += 64) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let a2 = f32x4.splat(0)
    let a3 = f32x4.splat(0)
    const base = table + column
    for (let k: usize = 0; k < pairBytes; k += 8) {
      const from = base + <usize>load<u32>(indexes + k) * stride
      const next = base + <usize>load<u32>(indexes + k, 4) * stride
      const w = v128.load32_splat(weights + k)
      const x = v128.load32_splat(weights + k, 4)
      a0 = f32x4.add(a0, f32x4.add(f32x4.mul(w, v128.load(from)), f32x4.mul(x, v128.load(next))))
      a1 = f32x4.add(a1, f32x4.add(f32x4.mul(w, v128.load(from, 16)), f32x4.mul(x, v128.load(next, 16))))
      a2 = f32x4.add(a2, f32x4.add(f32x4.mul(w, v128.load(from, 32)), f32x4.mul(x, v128.load(next, 32))))
      a3 = f32x4.add(a3, f32x4.add(f32x4.mul(w, v128.load(from, 48)), f32x4.mul(x, v128.load(next, 48))))
    }
    if (pairBytes < bytes) {
      const from = base + <usize>load<u32>(indexes + pairBytes) * stride
      const w = v128.load32_splat(weights + pairBytes)
      a0 = f32x4.add(a0, f32x4.mul(w, v128.load(from)))
      a1 = f32x4.add(a1, f32x4.mul(w, v128.load(from, 16)))
      a2 = f32x4.add(a2, f32x4.mul(w, v128.load(from, 32)))
      a3 = f32x4.add(a3, f32x4.mul(w, v128.load(from, 48)))
    }
    const to = out + column
    v128.store(to, a0)
    v128.store(to, a1, 16)
    v128.store(to, a2, 32)
    v128.store(to, a3, 48)
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

/** Inner products of one row with four others, which may lie anywhere. */
// @ts-ignore: decorator
@inline
export function dotFourRows(x: usize, row0: usize, row1: usize, row2: usize, row3: usize, stride: usize): v128 {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  let k: usize = 0
  for (; k + 64 <= stride; k += 64) {
    const x0 = v128.load(x + k)
    const x1 = v128.load(x + k, 16)
    const x2 = v128.load(x + k, 32)
    const x3 = v128.load(x + k, 48)
    s0 = f32x4.add(s0, dotSixteen(x0, x1, x2, x3, row0 + k))
    s1 = f32x4.add(s1, dotSixteen(x0, x1, x2, x3, row1 + k))
    s2 = f32x4.add(s2, dotSixteen(x0, x1, x2, x3, row2 + k))
    s3 = f32x4.add(s3, dotSixteen(x0, x1, x2, x3, row3 + k))
  }
  for (; k < stride; k += 16) {
    const x0 = v128.load(x + k)
    s0 = f32x4.add(s0, f32x4.mul(x0, v128.load(row0 + k)))
    s1 = f32x4.add(s1, f32x4.mul(x0, v128.load(row1 + k)))
    s2 = f32x4.add(s2, f32x4.mul(x0, v128.load(row2 + k)))
    s3 = f32x4.add(s3, f32x4.mul(x0, v128.load(row3 + k)))
  }
  return sumLanesOfFour(s0, s1, s2, s3)
}

// @ts-ignore: decorator
@inline
function dotSixteen(x0: v128, x1: v128, x2: v128, x3: v128, row: usize): v128 {
  const first = f32x4.add(f32x4.mul(x0, v128.load(row)), f32x4.mul(x1, v128.load(row, 16)))
  const second = f32x4.add(f32x4.mul(x2, v128.load(row, 32)), f32x4.mul(x3, v128.load(row, 48)))
  return f32x4.add(first, second)
}

/** The lane sums of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
export function sumLanesOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}
