import { EngineMemory } from '../wasm/engine-memory.ts'
import { type SampledKernels, sampledKernels } from './kernels.ts'
import type { ScoreRows } from './score-rows.ts'

/** Their scores stay in the second-level cache, and their factors in the first while a panel of items passes. */
const usersAtOnce = 32

/** Scores of all items by inner products of factors: p_u . q_i + b_i. */
export class FactorScores implements ScoreRows {
  readonly itemCount: number
  readonly stride: number
  readonly usersAtOnce = usersAtOnce
  readonly #memory: EngineMemory
  readonly #kernels: SampledKernels
  readonly #factors: number
  readonly #panels: number
  readonly #bias: number
  readonly #rows: number
  readonly #out: number
  #userFactors: Float32Array = new Float32Array(0)

  private constructor(memory: EngineMemory, kernels: SampledKernels, itemCount: number, factors: number) {
    this.itemCount = itemCount
    this.stride = Math.ceil(itemCount / 8) * 8
    this.#memory = memory
    this.#kernels = kernels
    this.#factors = factors
    this.#panels = memory.allocate(4 * this.stride * factors)
    this.#bias = memory.allocate(4 * this.stride)
    this.#rows = memory.allocate(4 * usersAtOnce * factors)
    this.#out = memory.allocate(4 * usersAtOnce * this.stride)
  }

  static async create(itemCount: number, factors: number): Promise<FactorScores> {
    const memory = new EngineMemory()
    return new FactorScores(memory, await sampledKernels(memory.memory), itemCount, factors)
  }

  /**
   * Takes the factors to score by: those of items are copied, those of users are read when they are asked for.
   *
   * @param userFactors `[users, factors]`
   * @param itemFactors `[items, factors]`
   * @param itemBias    `[items]`; absent for none
   */
  load(userFactors: Float32Array, itemFactors: Float32Array, itemBias?: Float32Array): void {
    const memory = this.#memory
    this.#userFactors = userFactors
    memory.f32(this.#bias, this.stride).set(itemBias ?? [])
    const mark = memory.mark
    const placed = memory.allocate(4 * itemFactors.length)
    memory.f32(placed, itemFactors.length).set(itemFactors)
    this.#kernels.packTransposed(this.#panels, placed, this.itemCount, this.#factors)
    memory.release(mark)
  }

  compute(users: Uint32Array): Float32Array {
    const factors = this.#factors
    const rows = this.#memory.f32(this.#rows, users.length * factors)
    users.forEach((user, row) => {
      rows.set(this.#userFactors.subarray(user * factors, (user + 1) * factors), row * factors)
    })
    // [users, factors] x [factors, items] -> [users, items]
    this.#kernels.multiply(
      this.#out,
      this.#rows,
      this.#panels,
      this.#bias,
      Number.NEGATIVE_INFINITY,
      users.length,
      factors,
      this.stride,
    )
    return this.#memory.f32(this.#out, users.length * this.stride)
  }
}
