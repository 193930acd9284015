import { at, pointer, real, row, Slot, word } from './layout'
import { sigmoid4 } from './sigmoid'

// Scores of whole rows: two products of dense matrices, in tiles of two rows by four columns that stay in
// registers, each squashed and added to the scores.

/** Columns of a strip: 32 rows of 640 bytes fill 20 KB of the 32 that a first-level cache has. */
const stripColumns: i32 = 32

/**
 * scores[r][c] += scale * sigma(rows[r] . columns[c] + rowBias[r] + columnBias[c]), for rows `begin` to `end`.
 *
 * A row of scores has one for every item; `scoredRows` is a list of pointers to rows, `scoredColumns` lie side by
 * side. A bias whose pointer is 0 is left out.
 */
export function scoreRows(begin: i32, end: i32): void {
  const rows = pointer(Slot.scoredRows)
  const rowBias = pointer(Slot.scoredRowBias)
  const columns = pointer(Slot.scoredColumns)
  const columnBias = pointer(Slot.scoredColumnBias)
  const columnCount = word(Slot.items)
  const stride = word(Slot.stride) as usize
  const scores = pointer(Slot.scores)
  const scale = f32x4.splat(real(Slot.scale))
  // A strip of columns stays in the first-level cache while all rows pass over it.
  for (let strip = 0; strip < columnCount; strip += stripColumns) {
    const stripEnd = min(strip + stripColumns, columnCount)
    scoreStrip(rows, rowBias, begin, end, columns, columnBias, columnCount, strip, stripEnd, stride, scores, scale)
  }
}

// @ts-ignore: decorator
@inline
function scoreStrip(
  rows: usize,
  rowBias: usize,
  begin: i32,
  end: i32,
  columns: usize,
  columnBias: usize,
  columnCount: i32,
  strip: i32,
  stripEnd: i32,
  stride: usize,
  scores: usize,
  scale: v128,
): void {
  for (let r = begin; r < end; r += 2) {
    // An odd last row is computed twice, into the same place.
    const s = min(r + 1, end - 1)
    const rowR = load<usize>(at(rows, r))
    const rowS = load<usize>(at(rows, s))
    const biasR = f32x4.splat(rowBias == 0 ? <f32>0 : load<f32>(at(rowBias, r)))
    const biasS = f32x4.splat(rowBias == 0 ? <f32>0 : load<f32>(at(rowBias, s)))
    const outR = scores + ((<usize>r * <usize>columnCount) << 2)
    const outS = scores + ((<usize>s * <usize>columnCount) << 2)
    for (let c = strip; c < stripEnd; c += 4) {
      const c0 = row(columns, c, stride)
      // Beyond the last column this reads what lies behind the table; those scores are never stored.
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
        const a = v128.load(rowR + k)
        const b = v128.load(rowS + k)
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
      const bias = columnBias == 0 ? f32x4.splat(0) : v128.load(at(columnBias, c))
      const zr = f32x4.add(f32x4.add(gather4(r0, r1, r2, r3), bias), biasR)
      const zs = f32x4.add(f32x4.add(gather4(s0, s1, s2, s3), bias), biasS)
      addScores(outR, c, columnCount, f32x4.mul(scale, sigmoid4(zr)))
      if (s != r) addScores(outS, c, columnCount, f32x4.mul(scale, sigmoid4(zs)))
    }
  }
}

/** The lane sums of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
function gather4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

// @ts-ignore: decorator
@inline
function addScores(out: usize, column: i32, columnCount: i32, values: v128): void {
  const to = at(out, column)
  if (column + 4 <= columnCount) {
    v128.store(to, f32x4.add(v128.load(to), values))
    return
  }
  // The last, partial tile.
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(values, 0))
  if (column + 1 < columnCount) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(values, 1), 4)
  if (column + 2 < columnCount) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(values, 2), 8)
}
