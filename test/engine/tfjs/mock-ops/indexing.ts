import {
  axisOf,
  type Compute,
  demand,
  type MockTensor,
  newTensor,
  refuse,
  sameShape,
  scalarOf,
  show,
  sizeOf,
  stridesOf,
  vectorOf,
} from '../mock-tensor.ts'

/**
 * Operations that look cells up, or write them, by index. Every index out of range is refused. TensorFlow refuses
 * it on a CPU only; on a GPU the read gives 0 and the write is dropped, without a word.
 */
export const indexing: Record<string, Compute> = {
  GatherV2([params, indices, axisTensor], { batch_dims: batchDims }) {
    demand(batchDims === 0, 'the mock does not do batch_dims')
    const axis = axisOf(scalarOf(axisTensor, 'axis'), params.shape.length)
    const [before, length, after] = [
      params.shape.slice(0, axis),
      params.shape[axis],
      params.shape.slice(axis + 1),
    ]
    const output = newTensor(params.dtype, [...before, ...indices.shape, ...after])
    const width = sizeOf(after)
    let to = 0
    for (let outer = 0; outer < sizeOf(before); outer++) {
      for (const index of indices.values) {
        if (index < 0 || index >= length) refuse(`index ${index} is not in [0, ${length})`)
        const from = (outer * length + index) * width
        output.values.set(params.values.subarray(from, from + width), to)
        to += width
      }
    }
    return [output]
  },

  GatherNd([params, indices]) {
    demand(
      params.shape.length >= 1 && indices.shape.length >= 1,
      'params and indices must be vectors or more',
    )
    const { starts, depth } = places(params.shape, indices)
    const rowShape = params.shape.slice(depth)
    const output = newTensor(params.dtype, [...indices.shape.slice(0, -1), ...rowShape])
    const width = sizeOf(rowShape)
    for (const [row, from] of starts.entries()) {
      output.values.set(params.values.subarray(from, from + width), row * width)
    }
    return [output]
  },

  /** Zeros, and the updates added to them: several updates of one place add up. */
  ScatterNd([indices, updates, shape]) {
    const output = newTensor(updates.dtype, vectorOf(shape, 'shape'))
    const { starts, width } = scatterPlaces(output.shape, indices, updates)
    const totals = new Float64Array(output.values.length)
    for (const [row, to] of starts.entries()) {
      for (let i = 0; i < width; i++) totals[to + i] += updates.values[row * width + i]
    }
    output.values.set(totals)
    return [output]
  },

  /** A copy with some cells replaced. Which of two updates of one place wins is left open, so two are refused. */
  TensorScatterUpdate([tensor, indices, updates]) {
    const { starts, width } = scatterPlaces(tensor.shape, indices, updates)
    demand(new Set(starts).size === starts.length, 'two updates of one place: the result is undefined')
    const output = newTensor(tensor.dtype, tensor.shape)
    output.values.set(tensor.values)
    for (const [row, to] of starts.entries()) {
      output.values.set(updates.values.subarray(row * width, (row + 1) * width), to)
    }
    return [output]
  },

  /** Largest first; equal values by rising index. `sorted: false` leaves the order open; here it is the same. */
  TopKV2([input, kTensor]) {
    const k = scalarOf(kTensor, 'k')
    const columns = input.shape.at(-1)
    demand(columns !== undefined && k >= 0 && k <= columns, `k is ${k}, the input ${show(input.shape)}`)
    const shape = input.shape.with(-1, k)
    const [values, indices] = [newTensor(input.dtype, shape), newTensor('int32', shape)]
    for (let row = 0; row < sizeOf(input.shape.slice(0, -1)); row++) {
      const cells = input.values.subarray(row * columns, (row + 1) * columns)
      const best = [...cells.keys()].sort((a, b) => cells[b] - cells[a] || a - b).slice(0, k)
      for (const [rank, column] of best.entries()) {
        values.values[row * k + rank] = cells[column]
        indices.values[row * k + rank] = column
      }
    }
    return [values, indices]
  },
}

/** Where the rows that `indices` names begin. The last axis of `indices` has `depth` coordinates. */
function places(shape: number[], indices: MockTensor): { starts: number[]; depth: number } {
  const depth = indices.shape.at(-1) ?? 1
  demand(depth <= shape.length, `indices of ${depth} coordinates into ${show(shape)}`)
  const strides = stridesOf(shape)
  const starts = Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, row) => {
    const index = [...indices.values.subarray(row * depth, (row + 1) * depth)]
    if (!index.every((at, axis) => at >= 0 && at < shape[axis])) {
      refuse(`indices[${row}] = ${show(index)} does not index into ${show(shape)}`)
    }
    return index.reduce((sum, at, axis) => sum + at * strides[axis], 0)
  })
  return { starts, depth }
}

function scatterPlaces(shape: number[], indices: MockTensor, updates: MockTensor) {
  demand(shape.length >= 1 && indices.shape.length >= 2, `indices ${show(indices.shape)} into ${show(shape)}`)
  const { starts, depth } = places(shape, indices)
  const rowShape = shape.slice(depth)
  const wanted = [...indices.shape.slice(0, -1), ...rowShape]
  demand(sameShape(updates.shape, wanted), `updates are ${show(updates.shape)}, want ${show(wanted)}`)
  return { starts, width: sizeOf(rowShape) }
}
