/** A tensor as the mock binding keeps it: row-major values and a shape. */
export interface MockTensor {
  shape: number[]
  dtype: MockDtype
  values: Float32Array | Int32Array | Uint8Array
}

/** The types that the mock computes with. The definitions know more; a launch with those is refused. */
export type MockDtype = 'float32' | 'int32' | 'bool'

export type AttributeValue = boolean | number | string

/** The computation of an operation. What its shapes or values forbid, it refuses by throwing. */
export type Compute = (inputs: MockTensor[], attributes: Record<string, AttributeValue>) => MockTensor[]

export function newTensor(dtype: MockDtype, shape: number[]): MockTensor {
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }
  return { shape, dtype, values: new arrays[dtype](sizeOf(shape)) }
}

export const sizeOf = (shape: number[]): number => shape.reduce((size, length) => size * length, 1)

export const sameShape = (a: number[], b: number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

/** How far apart neighbours along each axis lie, row-major. */
export const stridesOf = (shape: number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))

/**
 * Where each cell of a row-major box of `shape` lies in an array that is walked with `strides`, from `start`.
 * Most operations that move cells are such a walk: a stride of 0 repeats, or reduces, along its axis.
 */
export function walk(shape: number[], strides: number[], start = 0): Int32Array {
  let places = Int32Array.of(start)
  for (const [axis, length] of shape.entries()) {
    const longer = new Int32Array(places.length * length)
    for (let i = 0; i < places.length; i++) {
      for (let j = 0; j < length; j++) longer[i * length + j] = places[i] + j * strides[axis]
    }
    places = longer
  }
  return places
}

/** The shape that two shapes broadcast to, as in NumPy. */
export function broadcastShape(a: number[], b: number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) refuse(`incompatible shapes: ${show(a)} vs. ${show(b)}`)
    return left === 1 ? right : left
  })
}

/** For each cell of `shape`, the place in a tensor of shape `from` that is broadcast to it. */
export function broadcastWalk(from: number[], shape: number[]): Int32Array {
  const strides = stridesOf(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride))
  return walk(shape, [...new Array(shape.length - from.length).fill(0), ...strides])
}

export function refuse(why: string): never {
  throw new Error(why)
}

/** Refuses unless `holds`. In long loops `refuse` under an if is better: it makes its text only when it is needed. */
export function demand(holds: boolean, why: string): asserts holds {
  if (!holds) refuse(why)
}

/** The value of a tensor that must be a scalar, such as an axis or a count. */
export function scalarOf(tensor: MockTensor, name: string): number {
  demand(tensor.shape.length === 0, `${name} must be a scalar, has shape ${show(tensor.shape)}`)
  return tensor.values[0]
}

/** The values of a tensor that must be a vector, such as a shape. */
export function vectorOf(tensor: MockTensor, name: string): number[] {
  demand(tensor.shape.length === 1, `${name} must be a vector, has shape ${show(tensor.shape)}`)
  return [...tensor.values]
}

/** An axis counted from the front; a negative one counts from behind. */
export function axisOf(axis: number, rank: number): number {
  demand(axis >= -rank && axis < rank, `axis ${axis} is not in a tensor of rank ${rank}`)
  return axis < 0 ? axis + rank : axis
}

export const show = (shape: number[]): string => `[${shape.join(', ')}]`
