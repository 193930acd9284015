import type { WeightReader } from '../engine/engine.ts'
import { type ModelState, type ParameterName, parameterNames, type Tensor } from '../engine/model-state.ts'
import { NightjarError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { type NamedTensor, openSafetensors, readSafetensors, writeSafetensors } from './safetensors.ts'

/** Prefixes of Adam's two moments; weights have none. */
const momentPrefixes = { firstMoments: 'adam.first/', secondMoments: 'adam.second/' } as const

/** Writes the weights, and with `moments` also what Adam must remember to go on to the same bits. */
export function writeState(
  store: Store,
  path: string,
  state: ModelState,
  moments: boolean,
  metadata: Record<string, string>,
) {
  const named = (tensors: Record<ParameterName, Tensor>, prefix: string): NamedTensor[] =>
    parameterNames
      .filter((name) => tensors[name].data.length > 0)
      .map((name) => ({ name: prefix + name, ...tensors[name] }))
  const tensors = named(state.weights, '')
  if (moments) {
    tensors.push(...named(state.firstMoments, momentPrefixes.firstMoments))
    tensors.push(...named(state.secondMoments, momentPrefixes.secondMoments))
  }
  return writeSafetensors(store, path, tensors, { ...metadata, step: String(state.step) })
}

/**
 * Reads a state; moments that the file does not hold are zeros.
 *
 * @param shapeOf the shape that each parameter must have, `[0]` where the model has no such part
 * @throws NightjarError STATE_SHAPE where the file is of another model
 */
export async function readState(
  store: Store,
  path: string,
  shapeOf: (name: ParameterName) => number[],
): Promise<{ state: ModelState; metadata: Record<string, string> }> {
  const { tensors, metadata } = await readSafetensors(store, path)
  const part = (prefix: string, mustHave: boolean): Record<ParameterName, Tensor> =>
    Object.fromEntries(
      parameterNames.map((name) => {
        const shape = shapeOf(name)
        const length = shape.reduce((product, n) => product * n, 1)
        const found = tensors.get(prefix + name)
        if (found === undefined && (length === 0 || !mustHave)) {
          return [name, { shape, data: new Float32Array(length) }]
        }
        if (found === undefined || found.shape.join() !== shape.join()) {
          throw otherShape(store, path, name, found?.shape, shape)
        }
        return [name, { shape, data: found.data }]
      }),
    ) as Record<ParameterName, Tensor>
  return {
    state: {
      step: Number(metadata.step),
      weights: part('', true),
      firstMoments: part(momentPrefixes.firstMoments, false),
      secondMoments: part(momentPrefixes.secondMoments, false),
    },
    metadata,
  }
}

/**
 * A state file's weights, to be read piece by piece.
 *
 * @param shapeOf as of {@link readState}
 * @throws NightjarError SAFETENSORS, STATE_SHAPE
 */
export async function openWeights(
  store: Store,
  path: string,
  shapeOf: (name: ParameterName) => number[],
): Promise<WeightReader> {
  const file = await openSafetensors(store, path)
  for (const name of parameterNames) {
    const [shape, found] = [shapeOf(name), file.shapeOf(name)]
    const isAbsent = found === undefined && shape.includes(0)
    if (!isAbsent && found?.join() !== shape.join()) throw otherShape(store, path, name, found, shape)
  }
  return {
    read: async (name, rows) =>
      file.shapeOf(name) === undefined ? new Float32Array() : file.read(name, rows),
  }
}

function otherShape(store: Store, path: string, name: string, found: number[] | undefined, wanted: number[]) {
  return new NightjarError('STATE_SHAPE', {
    what: `${store.uri}/${path}: "${name}" has shape [${found?.join(', ') ?? 'none'}], the model wants [${wanted.join(', ')}]`,
    why: 'the weights belong to another dataset or other options',
    fix: 'train again',
  })
}
