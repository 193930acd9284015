import {
  axisOf,
  broadcastShape,
  broadcastWalk,
  type Compute,
  demand,
  type MockTensor,
  newTensor,
  refuse,
  scalarOf,
  show,
  sizeOf,
  stridesOf,
  vectorOf,
  walk,
} from '../mock-tensor.ts'

/** Operations that add many cells up. Sums are kept in float64 and rounded to float32 once. */
export const sums: Record<string, Compute> = {
  Sum: reduction((total, x) => total + x, 0),
  Max: reduction((total, x) => Math.max(total, x), Number.NEGATIVE_INFINITY),
  Mean: reduction((total, x, cells) => total + x / cells, 0),

  /** [..., m, k] x [..., k, n] -> [..., m, n]; the axes before the last two broadcast. */
  BatchMatMulV2([x, y], { adj_x: flipX, adj_y: flipY }) {
    demand(x.shape.length >= 2 && y.shape.length >= 2, `${show(x.shape)} x ${show(y.shape)}: want matrices`)
    const [m, inner] = flipX ? x.shape.slice(-2).reverse() : x.shape.slice(-2)
    const [innerY, n] = flipY ? y.shape.slice(-2).reverse() : y.shape.slice(-2)
    demand(
      inner === innerY,
      `${show(x.shape)}${flipX ? ' transposed' : ''} x ${show(y.shape)}${flipY ? ' transposed' : ''}: ${inner} is not ${innerY}`,
    )
    const batch = broadcastShape(x.shape.slice(0, -2), y.shape.slice(0, -2))
    const xAt = broadcastWalk(x.shape.slice(0, -2), batch)
    const yAt = broadcastWalk(y.shape.slice(0, -2), batch)
    const z = newTensor(x.dtype, [...batch, m, n])
    const [xRow, xInner] = flipX ? [1, m] : [inner, 1]
    const [yInner, yColumn] = flipY ? [1, inner] : [n, 1]
    for (let b = 0; b < sizeOf(batch); b++) {
      const [xStart, yStart] = [xAt[b] * m * inner, yAt[b] * inner * n]
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let dot = 0
          for (let i = 0; i < inner; i++) {
            dot +=
              x.values[xStart + row * xRow + i * xInner] * y.values[yStart + i * yInner + column * yColumn]
          }
          z.values[(b * m + row) * n + column] = dot
        }
      }
    }
    return [z]
  },

  SparseSegmentSum([data, indices, segmentIds]) {
    const ids = vectorOf(segmentIds, 'segment_ids')
    return [sparseSegmentSum(data, indices, ids, ids.length === 0 ? 0 : ids[ids.length - 1] + 1)]
  },

  SparseSegmentSumWithNumSegments([data, indices, segmentIds, numSegments]) {
    const count = scalarOf(numSegments, 'num_segments')
    return [sparseSegmentSum(data, indices, vectorOf(segmentIds, 'segment_ids'), count)]
  },

  /** Rows with a negative segment id are dropped, as in TensorFlow. */
  UnsortedSegmentSum([data, segmentIds, numSegments]) {
    const rank = segmentIds.shape.length
    demand(
      show(data.shape.slice(0, rank)) === show(segmentIds.shape),
      `data is ${show(data.shape)}, segment_ids ${show(segmentIds.shape)}: want a prefix`,
    )
    const segments = scalarOf(numSegments, 'num_segments')
    const kept = [...segmentIds.values].flatMap((id, row) => (id < 0 ? [] : [{ id, row }]))
    return [addRows(data, data.shape.slice(rank), kept, segments)]
  },
}

function reduction(f: (total: number, x: number, cells: number) => number, empty: number): Compute {
  return ([input, axes], { keep_dims: keepDims }) => {
    demand(axes.shape.length <= 1, 'reduction_indices must be a scalar or a vector')
    const reduced = new Set([...axes.values].map((axis) => axisOf(axis, input.shape.length)))
    demand(reduced.size === axes.values.length, 'an axis is reduced twice')
    const kept = input.shape.map((length, axis) => (reduced.has(axis) ? 1 : length))
    const strides = stridesOf(kept).map((stride, axis) => (reduced.has(axis) ? 0 : stride))
    const totals = new Float64Array(sizeOf(kept)).fill(empty)
    const at = walk(input.shape, strides)
    for (let i = 0; i < at.length; i++) {
      totals[at[i]] = f(totals[at[i]], input.values[i], at.length / totals.length)
    }
    const shape = keepDims ? kept : input.shape.filter((_, axis) => !reduced.has(axis))
    const output = newTensor(input.dtype, shape)
    output.values.set(totals)
    return [output]
  }
}

/**
 * Row s of the result is the sum of `data`'s rows `indices[i]` over all i with `segmentIds[i]` = s.
 *
 * Ids that go down and indices out of range are refused, as on a CPU. On a GPU TensorFlow promises no error, so a
 * mistake that passed here would be a wrong sum there.
 */
function sparseSegmentSum(
  data: MockTensor,
  indices: MockTensor,
  ids: number[],
  segments: number,
): MockTensor {
  demand(data.shape.length >= 1, 'data must have rows')
  const rows = vectorOf(indices, 'indices')
  demand(rows.length === ids.length, `${rows.length} indices, but ${ids.length} segment ids`)
  for (const [i, row] of rows.entries()) {
    if (row < 0 || row >= data.shape[0]) refuse(`indices[${i}] is ${row}, data has ${data.shape[0]} rows`)
    if (ids[i] < ids[i - 1]) refuse(`segment_ids go down at ${i}: ${ids[i - 1]}, then ${ids[i]}`)
  }
  const pairs = rows.map((row, i) => ({ row, id: ids[i] }))
  return addRows(data, data.shape.slice(1), pairs, segments)
}

function addRows(
  data: MockTensor,
  rowShape: number[],
  pairs: { id: number; row: number }[],
  segments: number,
): MockTensor {
  const width = sizeOf(rowShape)
  const totals = new Float64Array(segments * width)
  for (const { id, row } of pairs) {
    if (id < 0 || id >= segments) refuse(`segment id ${id} is not in [0, ${segments})`)
    for (let i = 0; i < width; i++) totals[id * width + i] += data.values[row * width + i]
  }
  const output = newTensor(data.dtype, [segments, ...rowShape])
  output.values.set(totals)
  return output
}
