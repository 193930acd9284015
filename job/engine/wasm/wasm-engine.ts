import { type CsrMatrix, transpose } from '../../data/csr-matrix.ts'
import type { Block, Engine, EngineModel } from '../engine.ts'
import { adamStepSize, type ModelSpec } from '../model-spec.ts'
import type { ModelState } from '../model-state.ts'
import { EngineMemory } from './engine-memory.ts'
import { engineModule, instantiate, type Kernels } from './kernels.ts'
import { ParameterStorage } from './parameter-storage.ts'
import { flagBits, lossKinds, type SlotName } from './slots.ts'

/** Arrays with one number per cell of the block. */
const cellSlots = [
  'cellUserGradients',
  'cellItemGradients',
  'itemCellUsers',
  'itemCellUserGradients',
  'itemCellItemGradients',
] as const

/** JCA's step in AssemblyScript SIMD: sparse encoders, sampled cells only, backward fused with Adam. */
export const wasmEngine: Engine = {
  name: 'wasm',
  threads: 1,
  async create(spec, ratings, state) {
    const memory = new EngineMemory()
    return new WasmModel(spec, ratings, state, memory, await instantiate(await engineModule(), memory.memory))
  },
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
  readonly #kernels: Kernels
  readonly #parameters: ParameterStorage
  /** Addresses of each user's and item's place in the block, -1 outside it. */
  readonly #localUser: number
  readonly #localItem: number
  /** Where the arena begins: behind the ratings and the parameters. */
  readonly #arena: number
  #steps: number
  /** Address of all items' hidden layers, valid where `#encodedItemsEnd` is set. */
  #hiddenItems = 0
  /** Where the arena goes on behind all items' hidden layers; undefined where the weights moved since. */
  #encodedItemsEnd: number | undefined

  constructor(
    spec: ModelSpec,
    ratings: CsrMatrix,
    state: ModelState,
    memory: EngineMemory,
    kernels: Kernels,
  ) {
    const raters = transpose(ratings)
    this.#spec = spec
    this.#users = ratings.rowCount
    this.#items = ratings.columnCount
    this.#stride = Math.ceil(spec.hidden / 4) * 16
    this.#longestRow = Math.max(longestRow(ratings), longestRow(raters))
    this.#memory = memory
    this.#kernels = kernels
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
    this.#arena = memory.mark
  }

  step(block: Block): number {
    const { users, items } = block
    const { userComponent, itemComponent } = this.#spec
    const kernels = this.#kernels
    this.#steps++
    this.#encodedItemsEnd = undefined
    this.#memory.setReal('learningRate', adamStepSize(this.#spec.adam, this.#steps))
    const { indexScratch, gradientScratch, userLoss } = this.#layOut(block)
    this.#setLocals(users, items, true)
    if (userComponent) kernels.encodeUsers(0, users.length)
    if (itemComponent) kernels.encodeItems(0, items.length)
    kernels.decodePairs(0, users.length)
    kernels.sortCellsByItem()
    if (userComponent) kernels.deltaOfUsers(0, users.length, indexScratch)
    if (itemComponent) kernels.deltaOfItems(0, items.length, indexScratch)
    kernels.updateItems(0, this.#items, indexScratch, gradientScratch)
    kernels.updateUsers(0, this.#users, indexScratch, gradientScratch)
    kernels.updateHiddenBiases(gradientScratch)
    this.#setLocals(users, items, false)
    return this.#memory.f32(userLoss, users.length).reduce((sum, loss) => sum + loss, 0)
  }

  scores(users: Uint32Array): Float32Array {
    const memory = this.#memory
    const count = users.length
    if (this.#encodedItemsEnd === undefined) this.#encodedItemsEnd = this.#encodeAllItems()
    memory.release(this.#encodedItemsEnd)
    const out = memory.allocate(4 * count * this.#items)
    memory.f32(out, count * this.#items).fill(0)
    memory.setWord('scores', out)
    const rows = memory.allocate(4 * count)
    if (this.#spec.userComponent) {
      const hidden = memory.allocate(count * this.#stride)
      memory.setWord('blockUsers', memory.place(users))
      memory.setWord('hiddenUsers', hidden)
      this.#kernels.encodeUsers(0, count)
      memory.u32(rows, count).set(users.map((_, row) => hidden + row * this.#stride))
      const decoder = this.#parameters.address('user.decoder')
      const bias = this.#parameters.address('user.outputBias')
      this.#kernels.scoreRows(rows, 0, 0, count, decoder, bias, this.#items)
    }
    if (this.#spec.itemComponent) {
      const decoder = this.#parameters.address('item.decoder')
      const outputBias = memory.f32(this.#parameters.address('item.outputBias'), this.#users)
      memory.u32(rows, count).set(users.map((user) => decoder + user * this.#stride))
      const bias = memory.allocate(4 * count)
      memory.f32(bias, count).set(Float32Array.from(users, (user) => outputBias[user]))
      this.#kernels.scoreRows(rows, bias, 0, count, this.#hiddenItems, 0, this.#items)
    }
    return memory.f32(out, count * this.#items)
  }

  state(): ModelState {
    return { step: this.#steps, ...this.#parameters.read() }
  }

  close(): void {}

  /** Hidden layers of the whole catalogue, once per set of weights; returns where the arena goes on. */
  #encodeAllItems(): number {
    const memory = this.#memory
    memory.release(this.#arena)
    if (this.#spec.itemComponent) {
      const everyItem = Uint32Array.from({ length: this.#items }, (_, item) => item)
      this.#hiddenItems = memory.allocate(this.#items * this.#stride)
      memory.setWord('hiddenItems', this.#hiddenItems)
      const end = memory.mark
      memory.setWord('sumItems', memory.allocate(this.#items * this.#stride))
      memory.setWord('blockItems', memory.place(everyItem))
      this.#kernels.encodeItems(0, this.#items)
      return end
    }
    return memory.mark
  }

  /** Lays the block and its work space out in the arena. */
  #layOut(block: Block): { indexScratch: number; gradientScratch: number; userLoss: number } {
    const memory = this.#memory
    const users = block.users.length
    const items = block.items.length
    const cells = block.cells.length
    memory.release(this.#arena)
    const room = (slot: SlotName, bytes: number): number => {
      const address = memory.allocate(bytes)
      memory.setWord(slot, address)
      return address
    }
    memory.setWord('blockUserCount', users)
    memory.setWord('blockItemCount', items)
    memory.setWord('blockUsers', memory.place(block.users))
    memory.setWord('blockItems', memory.place(block.items))
    memory.setWord('pairOffsets', memory.place(block.pairOffsets))
    memory.setWord('cells', memory.place(block.cells))
    for (const slot of ['hiddenUsers', 'deltaUsers'] as const) room(slot, users * this.#stride)
    for (const slot of ['hiddenItems', 'sumItems', 'deltaItems'] as const) room(slot, items * this.#stride)
    room('factorGradients', 4 * items)
    room('activeCounts', 4 * users)
    room('itemOffsets', 4 * (items + 2))
    for (const slot of cellSlots) room(slot, 4 * cells)
    return {
      userLoss: room('userLoss', 4 * users),
      // One list of indexes: a row of R within the block, or the cells of one user or item.
      indexScratch: memory.allocate(4 * Math.max(this.#longestRow, cells)),
      gradientScratch: memory.allocate(this.#stride),
    }
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

function writeSpec(memory: EngineMemory, spec: ModelSpec): void {
  const flags =
    (spec.userComponent ? flagBits.userComponent : 0) |
    (spec.itemComponent ? flagBits.itemComponent : 0) |
    (spec.itemComponent && spec.itemFactor ? flagBits.itemFactor : 0)
  memory.setWord('flags', flags)
  memory.setWord('hidden', spec.hidden)
  memory.setWord('loss', lossKinds[spec.loss])
  memory.setReal('margin', spec.margin)
  memory.setReal('l2', spec.l2)
  memory.setReal('beta1', spec.adam.beta1)
  memory.setReal('beta2', spec.adam.beta2)
  memory.setReal('epsilon', spec.adam.epsilon)
  memory.setReal('scale', spec.userComponent && spec.itemComponent ? 0.5 : 1)
}

function longestRow(matrix: CsrMatrix): number {
  let longest = 0
  for (let r = 0; r < matrix.rowCount; r++) {
    longest = Math.max(longest, matrix.rowOffsets[r + 1] - matrix.rowOffsets[r])
  }
  return longest
}
