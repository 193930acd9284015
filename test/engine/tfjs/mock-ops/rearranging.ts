import {
  axisOf,
  type Compute,
  demand,
  type MockTensor,
  newTensor,
  sameShape,
  scalarOf,
  show,
  sizeOf,
  stridesOf,
  vectorOf,
  walk,
} from '../mock-tensor.ts'

/** Operations that move cells without looking at them. */
export const rearranging: Record<string, Compute> = {
  Transpose([x, permutation]) {
    const order = vectorOf(permutation, 'perm')
    demand(
      [...order].sort((a, b) => a - b).join() === x.shape.map((_, axis) => axis).join(),
      `perm ${show(order)} does not name each axis of ${show(x.shape)} once`,
    )
    const strides = stridesOf(x.shape)
    return [
      taken(
        x,
        order.map((axis) => x.shape[axis]),
        order.map((axis) => strides[axis]),
      ),
    ]
  },

  Reshape([tensor, wanted]) {
    const shape = vectorOf(wanted, 'shape')
    const open = shape.indexOf(-1)
    if (open >= 0) {
      const others = sizeOf(shape.filter((_, axis) => axis !== open))
      shape[open] = others === 0 ? 0 : tensor.values.length / others
    }
    demand(
      shape.every((length) => Number.isInteger(length) && length >= 0) &&
        sizeOf(shape) === tensor.values.length,
      `${show(tensor.shape)} does not fit into ${show([...wanted.values])}`,
    )
    return [copyAs(tensor, shape)]
  },

  /** The new axis may be the last: an input of rank r has r + 1 places for it. */
  ExpandDims([input, dim]) {
    const axis = axisOf(dim.values[0], input.shape.length + 1)
    return [copyAs(input, input.shape.toSpliced(axis, 0, 1))]
  },

  Slice([input, begin, size]) {
    const from = vectorOf(begin, 'begin')
    const lengths = vectorOf(size, 'size').map((length, axis) =>
      length === -1 ? input.shape[axis] - from[axis] : length,
    )
    demand(
      from.length === input.shape.length && lengths.length === input.shape.length,
      `begin has ${from.length} and size ${lengths.length} entries, the input is ${show(input.shape)}`,
    )
    for (const [axis, length] of input.shape.entries()) {
      demand(
        from[axis] >= 0 && lengths[axis] >= 0 && from[axis] + lengths[axis] <= length,
        `from ${show(from)}, ${show(lengths)} cells: not within ${show(input.shape)}`,
      )
    }
    const strides = stridesOf(input.shape)
    const start = from.reduce((sum, at, axis) => sum + at * strides[axis], 0)
    return [taken(input, lengths, strides, start)]
  },

  PadV2([input, paddings, constant]) {
    const value = scalarOf(constant, 'constant_values')
    demand(
      sameShape(paddings.shape, [input.shape.length, 2]) && paddings.values.every((padding) => padding >= 0),
      `paddings ${show(paddings.shape)} of ${show([...paddings.values])} for ${show(input.shape)}`,
    )
    const shape = input.shape.map(
      (length, axis) => length + paddings.values[2 * axis] + paddings.values[2 * axis + 1],
    )
    const output = newTensor(input.dtype, shape)
    output.values.fill(value)
    const strides = stridesOf(shape)
    const start = strides.reduce((sum, stride, axis) => sum + stride * paddings.values[2 * axis], 0)
    put(input, output, strides, start)
    return [output]
  },

  Tile([input, multiples]) {
    const times = vectorOf(multiples, 'multiples')
    demand(
      times.length === input.shape.length && times.every((count) => count >= 0),
      `multiples ${show(times)} for ${show(input.shape)}`,
    )
    // Each axis as a pair: how often, then how long; the repeat has a stride of 0.
    const strides = stridesOf(input.shape)
    const repeated = taken(
      input,
      times.flatMap((count, axis) => [count, input.shape[axis]]),
      strides.flatMap((stride) => [0, stride]),
    )
    return [
      copyAs(
        repeated,
        times.map((count, axis) => count * input.shape[axis]),
      ),
    ]
  },

  ConcatV2(inputs) {
    const values = inputs.slice(0, -1)
    const axis = axisOf(scalarOf(inputs[inputs.length - 1], 'axis'), values[0].shape.length)
    return [joined(values, axis)]
  },

  Pack(values, { axis: wanted }) {
    const axis = axisOf(Number(wanted), values[0].shape.length + 1)
    return [
      joined(
        values.map((value) => copyAs(value, value.shape.toSpliced(axis, 0, 1))),
        axis,
      ),
    ]
  },
}

function copyAs({ dtype, values }: MockTensor, shape: number[]): MockTensor {
  const copy = newTensor(dtype, shape)
  copy.values.set(values)
  return copy
}

/** The cells of `input` that a walk comes by. */
function taken(input: MockTensor, shape: number[], strides: number[], start = 0): MockTensor {
  const output = newTensor(input.dtype, shape)
  for (const [i, at] of walk(shape, strides, start).entries()) output.values[i] = input.values[at]
  return output
}

/** Puts the cells of `input` where a walk through `output` comes by. */
function put(input: MockTensor, output: MockTensor, strides: number[], start: number): void {
  for (const [i, at] of walk(input.shape, strides, start).entries()) output.values[at] = input.values[i]
}

function joined(values: MockTensor[], axis: number): MockTensor {
  const first = values[0].shape
  for (const { shape } of values) {
    demand(
      shape.length === first.length && sameShape(shape.toSpliced(axis, 1), first.toSpliced(axis, 1)),
      `${show(shape)} cannot be joined to ${show(first)} along axis ${axis}`,
    )
  }
  const length = values.reduce((sum, { shape }) => sum + shape[axis], 0)
  const output = newTensor(values[0].dtype, first.with(axis, length))
  const strides = stridesOf(output.shape)
  let start = 0
  for (const value of values) {
    put(value, output, strides, start)
    start += value.shape[axis] * strides[axis]
  }
  return output
}
