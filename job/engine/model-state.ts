import { Random } from '../data/random.ts'
import type { ModelSpec } from './model-spec.ts'

/** A named array of weights. */
export interface Tensor {
  shape: number[]
  data: Float32Array
}

/** Everything that training changes: weights, Adam's two moments of each, and the number of steps so far. */
export interface ModelState {
  step: number
  weights: Record<ParameterName, Tensor>
  /** First and second moments, of the shapes of `weights`. */
  firstMoments: Record<ParameterName, Tensor>
  secondMoments: Record<ParameterName, Tensor>
}

/**
 * The parameters of both components; a place here is the number of a random stream, so new ones go to the end. Decoders are kept with one row per
 * output (the transpose of the paper's W), so that a sampled cell reads one contiguous row.
 */
export const parameterNames = [
  'user.encoder', // V^U  [items, hidden]
  'user.hiddenBias', // b1^U [hidden]
  'user.decoder', // W^U transposed [items, hidden]
  'user.outputBias', // b2^U [items]
  'item.encoder', // V^I  [users, hidden]
  'item.hiddenBias', // b1^I [hidden]
  'item.decoder', // W^I transposed [users, hidden]
  'item.outputBias', // b2^I [users]
  'item.factor', // f [items]
  'user.vector', // CDAE's V [users, hidden]
] as const
export type ParameterName = (typeof parameterNames)[number]

/** Standard deviation of the starting weights, before the cut at two of them. */
const startDeviation = 0.03

/** The shape of a parameter; `[0]` where the model has no such part. */
export function parameterShape(
  spec: ModelSpec,
  name: ParameterName,
  userCount: number,
  itemCount: number,
): number[] {
  const [component, part] = name.split('.') as ['user' | 'item', string]
  const isThere =
    component === 'user'
      ? spec.userComponent && (part !== 'vector' || spec.userVector)
      : spec.itemComponent && (part !== 'factor' || spec.itemFactor)
  if (!isThere) return [0]
  // The user component has a row per item, the item component a row per user.
  const rows = component === 'user' ? itemCount : userCount
  if (part === 'hiddenBias') return [spec.hidden]
  if (part === 'outputBias') return [rows]
  if (part === 'factor') return [itemCount]
  if (part === 'vector') return [userCount, spec.hidden]
  return [rows, spec.hidden]
}

/** What a parameter has a row for each of; undefined where it has none, but one number for each hidden unit. */
export function parameterAxis(name: ParameterName): 'users' | 'items' | undefined {
  if (name.endsWith('.hiddenBias')) return undefined
  // The other way round than the names: the user component has a row per item. Factor and vector are as named.
  if (name === 'user.vector') return 'users'
  return name.startsWith('user.') || name === 'item.factor' ? 'items' : 'users'
}

/**
 * The weights before the first step: truncated normal with deviation 0.03, the item factor uniform in [0, 1).
 *
 * Each tensor has a random stream of its own, so that leaving a part out does not change the others.
 */
export function initialState(
  spec: ModelSpec,
  userCount: number,
  itemCount: number,
  seed: number,
): ModelState {
  const tensors = (fill: (name: ParameterName, index: number, data: Float32Array) => void) =>
    Object.fromEntries(
      parameterNames.map((name, index) => {
        const shape = parameterShape(spec, name, userCount, itemCount)
        const data = new Float32Array(shape.reduce((product, length) => product * length, 1))
        fill(name, index, data)
        return [name, { shape, data }]
      }),
    ) as Record<ParameterName, Tensor>
  const zeros = () => tensors(() => {})
  const weights = tensors((name, index, data) => {
    const random = new Random(seed, index)
    for (let i = 0; i < data.length; i++) {
      data[i] = name === 'item.factor' ? random.next() : startDeviation * random.truncatedNormal()
    }
  })
  return { step: 0, weights, firstMoments: zeros(), secondMoments: zeros() }
}
