import type { TopK } from '../../../shared/top-k.ts'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import type { RangeRanker, WeightReader } from '../engine.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { ParameterName } from '../model-state.ts'
import type { Crew } from './crew.ts'
import type { EngineMemory } from './engine-memory.ts'
import { encodeItemsInBlocks } from './item-codes.ts'
import { parameterSlots } from './parameter-storage.ts'
import { placeRows } from './place-rows.ts'
import { layOutUsers, rankLaidOut } from './rank-users.ts'
import { writeSpec } from './write-spec.ts'

/** What has a row for each item, or one number for each hidden unit: it is held for all users alike. */
const heldParameters = [
  'user.encoder',
  'user.hiddenBias',
  'user.decoder',
  'user.outputBias',
  'item.hiddenBias',
  'item.factor',
] as const

/**
 * Ranks users by what all of them need (the user component, the hidden layers of all items) and their own rows of the
 * item component's decoder and of the users' vectors. Its memory does not grow with the number of users.
 *
 * @param blockUsers rows of the item component's encoder that are in memory at a time
 */
export async function openRangeRanker(
  spec: ModelSpec,
  raters: CsrMatrix,
  weights: WeightReader,
  memory: EngineMemory,
  crew: Crew,
  blockUsers?: number,
): Promise<RangeRanker> {
  try {
    const width = Math.ceil(spec.hidden / 4) * 4
    writeSpec(memory, spec)
    memory.setWord('items', raters.rowCount)
    memory.setWord('stride', 4 * width)
    for (const name of heldParameters) placeParameter(memory, name, await weights.read(name), spec.hidden)
    if (spec.itemComponent) {
      memory.room('hiddenItems', raters.rowCount * 4 * width)
      const end = memory.mark
      await encodeItemsInBlocks(memory, crew, raters, weights, spec.hidden, blockUsers)
      memory.release(end)
    }
    return new WasmRangeRanker(spec, weights, memory, crew)
  } catch (error) {
    crew.dismiss()
    throw error
  }
}

class WasmRangeRanker implements RangeRanker {
  readonly #spec: ModelSpec
  readonly #weights: WeightReader
  readonly #memory: EngineMemory
  readonly #crew: Crew
  /** Where the range's own arrays begin, and where the arena behind them does. */
  readonly #start: number
  #arena: number

  constructor(spec: ModelSpec, weights: WeightReader, memory: EngineMemory, crew: Crew) {
    this.#spec = spec
    this.#weights = weights
    this.#memory = memory
    this.#crew = crew
    this.#start = memory.mark
    this.#arena = memory.mark
  }

  async take(first: number, ratings: CsrMatrix): Promise<void> {
    const memory = this.#memory
    memory.release(this.#start)
    memory.setWord('users', ratings.rowCount)
    memory.setWord('ratingOffsets', memory.place(ratings.rowOffsets))
    memory.setWord('ratingItems', memory.place(ratings.columns))
    const { userComponent, userVector, itemComponent } = this.#spec
    const own: ParameterName[] = []
    if (itemComponent) own.push('item.decoder', 'item.outputBias')
    if (userComponent && userVector) own.push('user.vector')
    const rows = { first, count: ratings.rowCount }
    for (const name of own)
      placeParameter(memory, name, await this.#weights.read(name, rows), this.#spec.hidden)
    this.#arena = memory.mark
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    this.#memory.release(this.#arena)
    const rowBytes = layOutUsers(this.#memory, this.#crew, users, this.#spec)
    return rankLaidOut(this.#memory, this.#crew, users, k, masked, rowBytes)
  }

  close(): void {
    this.#crew.dismiss()
  }
}

/** Weights alone, without room for Adam's moments. */
function placeParameter(memory: EngineMemory, name: ParameterName, data: Float32Array, hidden: number): void {
  const isTable = name.endsWith('coder') || name === 'user.vector'
  const width = isTable || name.endsWith('.hiddenBias') ? hidden : data.length
  const stride = Math.ceil(width / 4) * 4
  const rows = isTable ? data.length / hidden : 1
  const address = memory.room(parameterSlots[name], 4 * rows * stride)
  if (data.length > 0) placeRows(memory, address, data, width, stride)
}
