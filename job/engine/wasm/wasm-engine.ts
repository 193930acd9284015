import { availableParallelism } from 'node:os'
import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, transpose } from '../../data/csr-matrix.ts'
import type { Block, CorruptedInput, Engine, EngineModel } from '../engine.ts'
import { adamStepSize, type ModelSpec } from '../model-spec.ts'
import type { ModelState } from '../model-state.ts'
import { Crew, type PhaseWatch } from './crew.ts'
import { EngineMemory } from './engine-memory.ts'
import { lots } from './lots.ts'
import { ParameterStorage } from './parameter-storage.ts'
import { openRangeRanker } from './range-ranker.ts'
import { layOutUsers, rankLaidOut } from './rank-users.ts'
import type { SlotName } from './slots.ts'
import { writeSpec } from './write-spec.ts'

/** Arrays with one number per cell of the block. */
const cellSlots = [
  'cellUserGradients',
  'cellItemGradients',
  'itemCellUsers',
  'itemCellUserGradients',
  'itemCellItemGradients',
] as const

/** The engine on as many threads as the machine has cores. */
export const wasmEngine: Engine = wasmEngineOn(availableParallelism())

/**
 * JCA's step in AssemblyScript SIMD: sparse encoders, sampled cells only, backward fused with Adam. The bits are the
 * same for any number of threads.
 *
 * @param threads the calling one included, >= 1
 * @param watch   for benchmarks
 */
export function wasmEngineOn(threads: number, watch?: PhaseWatch): Engine {
  return {
    name: 'wasm',
    threads,
    async create(spec, ratings, state) {
      const memory = new EngineMemory()
      return new WasmModel(spec, ratings, state, memory, await Crew.gather(memory.memory, threads, watch))
    },
    async rankRanges(spec, raters, weights) {
      const memory = new EngineMemory()
      return openRangeRanker(spec, raters, weights, memory, await Crew.gather(memory.memory, threads, watch))
    },
  }
}

class WasmModel implements EngineModel {
  readonly #spec: ModelSpec
  readonly #users: number
  readonly #items: number
  /** Bytes from one row of hidden units to the next. */
  readonly #stride: number
  /** Length of the longest row of R and of its transpose. */
  readonly #longestRow: number
  readonly #memory: EngineMemory
  readonly #crew: Crew
  readonly #parameters: ParameterStorage
  /** Addresses of each user's and item's place in the block, -1 outside it. */
  readonly #localUser: number
  readonly #localItem: number
  /** Where the arena begins: behind the ratings and the parameters. */
  readonly #arena: number
  #steps: number
  /** Where the arena goes on behind all items' hidden layers; undefined where they are not of these weights. */
  #encodedItemsEnd: number | undefined

  constructor(spec: ModelSpec, ratings: CsrMatrix, state: ModelState, memory: EngineMemory, crew: Crew) {
    const raters = transpose(ratings)
    this.#spec = spec
    this.#users = ratings.rowCount
    this.#items = ratings.columnCount
    this.#stride = Math.ceil(spec.hidden / 4) * 16
    this.#longestRow = Math.max(longestRow(ratings), longestRow(raters))
    this.#memory = memory
    this.#crew = crew
    writeSpec(memory, spec)
    memory.setWord('users', this.#users)
    memory.setWord('items', this.#items)
    memory.setWord('stride', this.#stride)
    memory.setWord('ratingOffsets', memory.place(ratings.rowOffsets))
    memory.setWord('ratingItems', memory.place(ratings.columns))
    memory.setWord('raterOffsets', memory.place(raters.rowOffsets))
    memory.setWord('raterUsers', memory.place(raters.columns))
    this.#localUser = this.#placeLocals('localUser', this.#users)
    this.#localItem = this.#placeLocals('localItem', this.#items)
    this.#parameters = new ParameterStorage(memory, state)
    this.#steps = state.step
    memory.f32(this.#room('zeroRow', this.#stride), this.#stride / 4).fill(0)
    this.#arena = memory.mark
  }

  async step(block: Block, meanwhile?: () => void): Promise<number> {
    const { users, items } = block
    const { userComponent, itemComponent } = this.#spec
    const crew = this.#crew
    this.#steps++
    this.#encodedItemsEnd = undefined
    this.#memory.setReal('learningRate', adamStepSize(this.#spec.adam, this.#steps))
    const userLoss = this.#layOut(block)
    this.#setLocals(users, items, true)
    const encoded = (userComponent ? users.length : 0) + (itemComponent ? items.length : 0)
    crew.run('encode', encoded, lots.encode)
    if (userComponent) crew.run('decodeUsers', users.length, lots.decodeUsers)
    if (itemComponent) crew.run('decodeItems', users.length, lots.decodeItems)
    crew.run('differentiate', users.length, lots.differentiate)
    crew.sortCellsByItem()
    crew.run('delta', encoded, lots.delta)
    // The longest phase.
    crew.run('update', 1 + this.#items + this.#users, lots.update, meanwhile)
    this.#setLocals(users, items, false)
    this.#setInput(undefined)
    return this.#memory.f32(userLoss, users.length).reduce((sum, loss) => sum + loss, 0)
  }

  async scores(users: Uint32Array): Promise<Float32Array> {
    const memory = this.#memory
    const rowBytes = this.#layOutUsers(users)
    memory.setWord('scores', memory.allocate(users.length * rowBytes))
    this.#crew.run('score', users.length, lots.score)
    const rows = memory.f32(memory.word('scores'), (users.length * rowBytes) / 4)
    const scores = new Float32Array(users.length * this.#items)
    for (let row = 0; row < users.length; row++) {
      const own = rows.subarray((row * rowBytes) / 4, (row * rowBytes) / 4 + this.#items)
      scores.set(own, row * this.#items)
    }
    return scores
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    const rowBytes = this.#layOutUsers(users)
    return rankLaidOut(this.#memory, this.#crew, users, k, masked, rowBytes)
  }

  async state(): Promise<ModelState> {
    return { step: this.#steps, ...this.#parameters.read() }
  }

  close(): void {
    this.#crew.dismiss()
  }

  /** Lays out the users to be scored behind the hidden layers of all items; see {@link layOutUsers}. */
  #layOutUsers(users: Uint32Array): number {
    this.#encodedItemsEnd ??= this.#encodeAllItems()
    this.#memory.release(this.#encodedItemsEnd)
    return layOutUsers(this.#memory, this.#crew, users, this.#spec)
  }

  /** Hidden layers of the whole catalogue, once per set of weights; returns where the arena goes on. */
  #encodeAllItems(): number {
    const memory = this.#memory
    memory.release(this.#arena)
    if (!this.#spec.itemComponent) return memory.mark
    this.#room('hiddenItems', this.#items * this.#stride)
    const end = memory.mark
    this.#room('sumItems', this.#items * this.#stride)
    memory.setWord('blockItems', memory.place(Uint32Array.from({ length: this.#items }, (_, item) => item)))
    memory.setWord('blockUserCount', 0)
    this.#crew.run('encode', this.#items, lots.encode)
    return end
  }

  /** Lays the block and its work space out in the arena; returns where the users' losses will be. */
  #layOut(block: Block): number {
    const memory = this.#memory
    const users = block.users.length
    const items = block.items.length
    const cells = block.cells.length
    memory.release(this.#arena)
    memory.setWord('blockUserCount', users)
    memory.setWord('blockItemCount', items)
    memory.setWord('blockUsers', memory.place(block.users))
    memory.setWord('blockItems', memory.place(block.items))
    memory.setWord('pairOffsets', memory.place(block.pairOffsets))
    memory.setWord('cells', memory.place(block.cells))
    this.#setInput(block.userInput)
    for (const slot of ['hiddenUsers', 'deltaUsers'] as const) this.#room(slot, users * this.#stride)
    for (const slot of ['hiddenItems', 'sumItems', 'deltaItems'] as const)
      this.#room(slot, items * this.#stride)
    this.#room('factorGradients', 4 * items)
    this.#room('activeCounts', 4 * users)
    this.#room('itemOffsets', 4 * (items + 2))
    for (const slot of cellSlots) this.#room(slot, 4 * cells)
    // Per thread: a list of indexes (a row of R within the block, or the cells of one user or item), a gradient.
    const indexBytes = 4 * Math.max(this.#longestRow, cells)
    memory.setWord('indexScratchBytes', indexBytes)
    this.#room('indexScratch', this.#crew.threads * indexBytes)
    const gradientBytes = lots.update * (2 * this.#stride + 12)
    memory.setWord('gradientScratchBytes', gradientBytes)
    this.#room('gradientScratch', this.#crew.threads * gradientBytes)
    return this.#room('userLoss', 4 * users)
  }

  /** What the user component is to read: rows of R where nothing else is said. */
  #setInput(input: CorruptedInput | undefined): void {
    const memory = this.#memory
    memory.setReal('inputScale', input?.scale ?? 1)
    memory.setWord('inputOffsets', input === undefined ? 0 : memory.place(input.kept.rowOffsets))
    if (input === undefined) return
    memory.setWord('inputItems', memory.place(input.kept.columns))
    const byItem = transpose(input.kept)
    memory.setWord('inputByItemOffsets', memory.place(byItem.rowOffsets))
    memory.setWord('inputByItemUsers', memory.place(byItem.columns))
  }

  /** Room in the arena, its address in a slot. */
  #room(slot: SlotName, bytes: number): number {
    return this.#memory.room(slot, bytes)
  }

  /** Every user or item is outside the block until it is set. */
  #placeLocals(slot: 'localUser' | 'localItem', count: number): number {
    const address = this.#memory.allocate(4 * count)
    this.#memory.i32(address, count).fill(-1)
    this.#memory.setWord(slot, address)
    return address
  }

  #setLocals(users: Uint32Array, items: Uint32Array, inBlock: boolean): void {
    const localUser = this.#memory.i32(this.#localUser, this.#users)
    const localItem = this.#memory.i32(this.#localItem, this.#items)
    users.forEach((user, local) => {
      localUser[user] = inBlock ? local : -1
    })
    items.forEach((item, local) => {
      localItem[item] = inBlock ? local : -1
    })
  }
}

function longestRow(matrix: CsrMatrix): number {
  let longest = 0
  for (let r = 0; r < matrix.rowCount; r++) {
    longest = Math.max(longest, matrix.rowOffsets[r + 1] - matrix.rowOffsets[r])
  }
  return longest
}
