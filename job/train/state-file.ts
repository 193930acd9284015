import type { WeightReader } from '../engine/engine.ts'
import { NightjarError } from '../errors.ts'
import type { FitState, Tensors } from '../models/model.ts'
import type { Store } from '../store/store.ts'
import { openSafetensors, readSafetensors, writeSafetensors } from './safetensors.ts'

/** Shapes by the names of weights. */
type Shapes = Record<string, number[]>

/** Where a file itself says what was chosen, its shapes follow from its metadata. */
export type ShapesBy = (metadata: Record<string, string>) => Shapes

/** Writes the weights, and what the state remembers beside them. */
export function writeState(store: Store, path: string, state: FitState, metadata: Record<string, string>) {
  const tensors = Object.entries({ ...state.weights, ...state.memory }).map(([name, tensor]) => ({
    name,
    ...tensor,
  }))
  return writeSafetensors(store, path, tensors, { ...metadata, step: String(state.step) })
}

/**
 * Reads a state.
 *
 * @param shapes that the weights must have; what the file holds beside them was remembered
 * @throws NightjarError STATE_SHAPE where the file is of another model
 */
export async function readState(
  store: Store,
  path: string,
  shapes: Shapes | ShapesBy,
): Promise<{ state: FitState; metadata: Record<string, string> }> {
  const { tensors, metadata } = await readSafetensors(store, path)
  const wanted = typeof shapes === 'function' ? shapes(metadata) : shapes
  const weights: Tensors = {}
  for (const [name, shape] of Object.entries(wanted)) {
    const found = tensors.get(name)
    if (found?.shape.join() !== shape.join()) throw otherShape(store, path, name, found?.shape, shape)
    weights[name] = { shape, data: found.data }
  }
  const memory = Object.fromEntries([...tensors].filter(([name]) => !(name in wanted)))
  return { state: { step: Number(metadata.step), weights, memory }, metadata }
}

/**
 * A state file's weights, to be read piece by piece.
 *
 * @param shapes as of {@link readState}
 * @throws NightjarError SAFETENSORS, STATE_SHAPE
 */
export async function openWeights(store: Store, path: string, shapes: Shapes): Promise<WeightReader> {
  const file = await openSafetensors(store, path)
  for (const [name, shape] of Object.entries(shapes)) {
    const found = file.shapeOf(name)
    if (found?.join() !== shape.join()) throw otherShape(store, path, name, found, shape)
  }
  return {
    read: async (name, rows) => (name in shapes ? file.read(name, rows) : new Float32Array()),
  }
}

function otherShape(store: Store, path: string, name: string, found: number[] | undefined, wanted: number[]) {
  return new NightjarError('STATE_SHAPE', {
    what: `${store.uri}/${path}: "${name}" has shape [${found?.join(', ') ?? 'none'}], the model wants [${wanted.join(', ')}]`,
    why: 'the weights belong to another dataset or other options',
    fix: 'train again',
  })
}
