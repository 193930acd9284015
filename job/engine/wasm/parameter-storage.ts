import { type ModelState, type ParameterName, parameterNames, type Tensor } from '../model-state.ts'
import type { EngineMemory } from './engine-memory.ts'
import type { SlotName } from './slots.ts'

export const parameterSlots: Record<ParameterName, SlotName> = {
  'user.encoder': 'userEncoder',
  'user.hiddenBias': 'userHiddenBias',
  'user.decoder': 'userDecoder',
  'user.outputBias': 'userOutputBias',
  'item.encoder': 'itemEncoder',
  'item.hiddenBias': 'itemHiddenBias',
  'item.decoder': 'itemDecoder',
  'item.outputBias': 'itemOutputBias',
  'item.factor': 'itemFactor',
  'user.vector': 'userVector',
}

/** Where a parameter lies: `rows` of `width` numbers, `stride` apart, then its two moments in the same shape. */
interface Place {
  address: number
  shape: number[]
  rows: number
  width: number
  /** Numbers from one row to the next. */
  stride: number
  /** Numbers from the weights to the first moments, and from those to the second. */
  gap: number
}

/** The model's parameters in the engine's memory, rows padded to whole SIMD vectors with zeros. */
export class ParameterStorage {
  readonly #memory: EngineMemory
  readonly #places: Record<ParameterName, Place>

  constructor(memory: EngineMemory, state: ModelState) {
    this.#memory = memory
    this.#places = Object.fromEntries(
      parameterNames.map((name) => {
        const place = this.#allocate(state.weights[name].shape)
        memory.setWord(parameterSlots[name], place.address)
        this.#write(place, 0, state.weights[name])
        this.#write(place, 1, state.firstMoments[name])
        this.#write(place, 2, state.secondMoments[name])
        return [name, place]
      }),
    ) as Record<ParameterName, Place>
  }

  address(name: ParameterName): number {
    return this.#places[name].address
  }

  /** Copies of all three arrays of every parameter, without the padding. */
  read(): Omit<ModelState, 'step'> {
    const part = (index: 0 | 1 | 2) =>
      Object.fromEntries(
        parameterNames.map((name) => [name, this.#read(this.#places[name], index)]),
      ) as Record<ParameterName, Tensor>
    return { weights: part(0), firstMoments: part(1), secondMoments: part(2) }
  }

  #allocate(shape: number[]): Place {
    const [rows, width] = shape.length === 2 ? [shape[0], shape[1]] : [1, shape[0]]
    const stride = Math.ceil(width / 4) * 4
    const gap = rows * stride
    const address = this.#memory.allocate(3 * 4 * gap)
    return { address, shape, rows, width, stride, gap }
  }

  #write(place: Place, part: 0 | 1 | 2, tensor: Tensor): void {
    const to = this.#view(place, part)
    for (let row = 0; row < place.rows; row++) {
      to.set(tensor.data.subarray(row * place.width, (row + 1) * place.width), row * place.stride)
    }
  }

  #read(place: Place, part: 0 | 1 | 2): Tensor {
    const from = this.#view(place, part)
    const data = new Float32Array(place.rows * place.width)
    for (let row = 0; row < place.rows; row++) {
      data.set(from.subarray(row * place.stride, row * place.stride + place.width), row * place.width)
    }
    return { shape: place.shape, data }
  }

  #view(place: Place, part: 0 | 1 | 2): Float32Array {
    return this.#memory.f32(place.address + 4 * part * place.gap, place.gap)
  }
}
