import {
  broadcastShape,
  broadcastWalk,
  type Compute,
  demand,
  type MockDtype,
  newTensor,
  sameShape,
  show,
  sizeOf,
} from '../mock-tensor.ts'

/** Operations on each cell for itself. Float cells are computed in float64 and rounded to float32 once. */
export const elementwise: Record<string, Compute> = {
  Abs: unary(Math.abs),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Log1p: unary(Math.log1p),
  Neg: unary((x) => -x),
  OnesLike: unary(() => 1),
  Relu: unary((x) => (x < 0 ? 0 : x)),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  // Stable for large x; Math.log1p(Math.exp(x)) would overflow.
  Softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Sqrt: unary(Math.sqrt),
  Square: unary((x) => x * x),
  Tanh: unary(Math.tanh),
  ZerosLike: unary(() => 0),
  IsNan: unary((x) => Number(Number.isNaN(x)), 'bool'),
  LogicalNot: unary((x) => 1 - x),

  Add: binary((x, y) => x + y),
  FloorDiv: binary((x, y) => Math.floor(x / y)),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Mul: binary((x, y) => x * y),
  Pow: binary((x, y) => x ** y),
  RealDiv: binary((x, y) => x / y),
  SquaredDifference: binary((x, y) => (x - y) ** 2),
  Sub: binary((x, y) => x - y),
  Equal: binary((x, y) => Number(x === y), 'bool'),
  Greater: binary((x, y) => Number(x > y), 'bool'),
  GreaterEqual: binary((x, y) => Number(x >= y), 'bool'),
  Less: binary((x, y) => Number(x < y), 'bool'),
  LessEqual: binary((x, y) => Number(x <= y), 'bool'),
  LogicalAnd: binary((x, y) => x & y),

  Cast([x], { DstT }) {
    const y = newTensor(DstT as MockDtype, x.shape)
    // A typed array truncates towards zero as TensorFlow does, but 0.5 as bool must be true.
    y.values.set(DstT === 'bool' ? x.values.map((value) => Number(value !== 0)) : x.values)
    return [y]
  },

  /** Unlike SelectV2 it does not broadcast: the condition has the shape of t, or is a scalar, or a vector over its rows. */
  Select([condition, t, e]) {
    demand(sameShape(t.shape, e.shape), `t is ${show(t.shape)}, e is ${show(e.shape)}`)
    const rows = condition.shape.length === 1 && condition.shape[0] === t.shape[0]
    demand(
      condition.shape.length === 0 || rows || sameShape(condition.shape, t.shape),
      `the condition is ${show(condition.shape)}, t is ${show(t.shape)}`,
    )
    const output = newTensor(t.dtype, t.shape)
    const cellsPerCondition = t.values.length / condition.values.length
    for (let i = 0; i < output.values.length; i++) {
      output.values[i] = (condition.values[Math.floor(i / cellsPerCondition)] ? t : e).values[i]
    }
    return [output]
  },

  Fill([dims, value]) {
    demand(dims.shape.length === 1 && value.shape.length === 0, 'dims must be a vector and value a scalar')
    const output = newTensor(value.dtype, [...dims.values])
    output.values.fill(value.values[0])
    return [output]
  },

  Range([start, limit, delta]) {
    for (const bound of [start, limit, delta]) demand(bound.shape.length === 0, 'the bounds must be scalars')
    const [from, to, step] = [start, limit, delta].map((bound) => bound.values[0])
    demand(step !== 0 && (to - from) / step >= 0, `from ${from} to ${to} in steps of ${step}`)
    const output = newTensor(start.dtype, [Math.ceil((to - from) / step)])
    for (let i = 0; i < sizeOf(output.shape); i++) output.values[i] = from + i * step
    return [output]
  },
}

function unary(f: (x: number) => number, dtype?: MockDtype): Compute {
  return ([x]) => {
    const y = newTensor(dtype ?? x.dtype, x.shape)
    for (let i = 0; i < x.values.length; i++) y.values[i] = f(x.values[i])
    return [y]
  }
}

function binary(f: (x: number, y: number) => number, dtype?: MockDtype): Compute {
  return ([x, y]) => {
    const z = newTensor(dtype ?? x.dtype, broadcastShape(x.shape, y.shape))
    const xAt = broadcastWalk(x.shape, z.shape)
    const yAt = broadcastWalk(y.shape, z.shape)
    for (let i = 0; i < z.values.length; i++) z.values[i] = f(x.values[xAt[i]], y.values[yAt[i]])
    return [z]
  }
}
