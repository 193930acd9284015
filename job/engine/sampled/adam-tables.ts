import { adamStepSize } from '../model-spec.ts'
import type { Tensor } from '../model-state.ts'
import type { EngineMemory } from '../wasm/engine-memory.ts'

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Names of the moments among what is remembered. */
const momentNames = ['first', 'second'] as const

/** What is fitted and what Adam remembers of it. */
export interface TablesState {
  step: number
  weights: Record<string, Tensor>
  /** `first.NAME` and `second.NAME`; none in a finished run. */
  memory: Record<string, Tensor>
}

/**
 * Weights in an engine's memory, one table after the other, then their first and their second moments in the same order:
 * a weight's moments lie {@link moments} bytes and twice that behind it.
 */
export class AdamTables {
  readonly moments: number
  readonly #memory: EngineMemory
  readonly #shapes: Record<string, number[]>
  readonly #addresses: Record<string, number> = {}
  #step: number

  /** @param start weights of a table before the first step; a given state has them otherwise */
  constructor(
    memory: EngineMemory,
    shapes: Record<string, number[]>,
    state: TablesState | undefined,
    start: (name: string) => Float32Array,
  ) {
    this.#memory = memory
    this.#shapes = shapes
    this.#step = state?.step ?? 0
    let bytes = 0
    for (const [name, shape] of Object.entries(shapes)) {
      this.#addresses[name] = bytes
      bytes += bytesOf(shape)
    }
    this.moments = bytes
    const begin = memory.allocate(3 * bytes)
    memory.f32(begin, (3 * bytes) / 4).fill(0)
    for (const name of Object.keys(shapes)) {
      this.#addresses[name] += begin
      this.#table(name, 0).set(state?.weights[name].data ?? start(name))
      momentNames.forEach((moment, n) => {
        const held = state?.memory[`${moment}.${name}`]
        if (held !== undefined) this.#table(name, n + 1).set(held.data)
      })
    }
    memory.setReal('beta1', adam.beta1)
    memory.setReal('beta2', adam.beta2)
    memory.setReal('epsilon', adam.epsilon)
  }

  address(name: string): number {
    return this.#addresses[name]
  }

  /** What a table takes, up to whole cache lines. */
  bytes(name: string): number {
    return bytesOf(this.#shapes[name])
  }

  /** A view. */
  weights(name: string): Float32Array {
    return this.#table(name, 0)
  }

  /** Counts one step more and tells the kernels its size. */
  nextStep(learningRate: number): void {
    this.#step++
    this.#memory.setReal('learningRate', adamStepSize({ ...adam, learningRate }, this.#step))
  }

  /** A copy. */
  state(): TablesState {
    const weights: Record<string, Tensor> = {}
    const memory: Record<string, Tensor> = {}
    for (const [name, shape] of Object.entries(this.#shapes)) {
      const copy = (part: number) => ({ shape, data: this.#table(name, part).slice() })
      weights[name] = copy(0)
      momentNames.forEach((moment, n) => {
        memory[`${moment}.${name}`] = copy(n + 1)
      })
    }
    return { step: this.#step, weights, memory }
  }

  /** @param part 0 for the weights, 1 and 2 for their moments */
  #table(name: string, part: number): Float32Array {
    return this.#memory.f32(this.#addresses[name] + part * this.moments, lengthOf(this.#shapes[name]))
  }
}

function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** Whole cache lines, so that kernels need not look for an end. */
function bytesOf(shape: readonly number[]): number {
  return 64 * Math.ceil(lengthOf(shape) / 16)
}
