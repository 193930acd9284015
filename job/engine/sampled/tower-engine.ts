import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { Random } from '../../data/random.ts'
import { sampleCells } from '../../data/sample-cells.ts'
import { EngineMemory } from '../wasm/engine-memory.ts'
import { AdamTables, type TablesState } from './adam-tables.ts'
import { DistinctRows } from './distinct-rows.ts'
import { type SampledKernels, sampledKernels } from './kernels.ts'
import { type Side, TowerLayers } from './tower-layers.ts'
import { startingTable, type TowerOptions, towerShapes } from './tower-tables.ts'

/**
 * Generalized matrix factorization beside a perceptron, both read by one output neuron; fitted by Adam on batches of
 * sampled cells. The equation stands in models/ncf.ts, its derivatives in {@link TowerLayers}.
 *
 * Adam moves the rows of the embeddings that a batch meets, and their moments; the others rest. On one thread. Equal seeds
 * give equal bits.
 */
export class TowerEngine {
  readonly memory: EngineMemory
  readonly kernels: SampledKernels
  readonly tables: AdamTables
  readonly options: TowerOptions
  readonly #ratings: CsrMatrix
  readonly #seed: number
  readonly #users: DistinctRows
  readonly #items: DistinctRows
  readonly #layers: TowerLayers

  private constructor(
    memory: EngineMemory,
    kernels: SampledKernels,
    ratings: CsrMatrix,
    options: TowerOptions,
    seed: number,
    state: TablesState | undefined,
  ) {
    this.memory = memory
    this.kernels = kernels
    this.options = options
    this.#ratings = ratings
    this.#seed = seed
    const shapes = towerShapes(options, ratings.rowCount, ratings.columnCount)
    this.tables = new AdamTables(memory, shapes, state, (name) => startingTable(name, shapes, seed))
    this.#users = new DistinctRows(ratings.rowCount)
    this.#items = new DistinctRows(ratings.columnCount)
    this.#layers = new TowerLayers(memory, kernels, this.tables, options)
  }

  static async create(
    ratings: CsrMatrix,
    options: TowerOptions,
    seed: number,
    state: TablesState | undefined,
  ): Promise<TowerEngine> {
    const memory = new EngineMemory()
    return new TowerEngine(memory, await sampledKernels(memory.memory), ratings, options, seed, state)
  }

  /** One pass over all observed cells, a step at a time; yields each step's loss, without its L2 term, and how many there are. */
  *epoch(epoch: number): Generator<{ loss: number; steps: number }> {
    const { negativesPerPositive, batchCells } = this.options
    const random = new Random(this.#seed, epoch, 1)
    const { users, items } = sampleCells(this.#ratings, negativesPerPositive, random)
    const width = 1 + negativesPerPositive
    const steps = Math.ceil(users.length / batchCells)
    for (let begin = 0; begin < users.length; begin += batchCells) {
      const end = Math.min(begin + batchCells, users.length)
      const loss = this.#update(users.subarray(begin, end), items.subarray(begin * width, end * width))
      yield { loss, steps }
    }
  }

  state(): TablesState {
    return this.tables.state()
  }

  /** One step of Adam on a batch of cells. */
  #update(cellUsers: Uint32Array, items: Uint32Array): number {
    const { memory, options } = this
    const mark = memory.mark
    const width = items.length / cellUsers.length
    const users = items.map((_, sample) => cellUsers[Math.floor(sample / width)])
    const labels = memory.allocate(4 * items.length)
    memory.f32(labels, items.length).set(Float32Array.from(items, (_, s) => (s % width === 0 ? 1 : 0)))
    const { loss, user, item } = this.#layers.differentiate(
      this.#users.layOut(memory, users),
      this.#items.layOut(memory, items),
      labels,
      items.length,
    )
    this.tables.nextStep(options.learningRate)
    this.#moveRows(user)
    this.#moveRows(item)
    this.#layers.move()
    memory.release(mark)
    return loss
  }

  #moveRows({ name, rows, factorGradients, embeddingGradients }: Side): void {
    const { tables, options } = this
    const move = (table: string, gradients: number, length: number, l2: number) =>
      this.kernels.adamRows(
        tables.address(table),
        tables.moments,
        gradients,
        rows.indexes,
        rows.counts,
        rows.count,
        4 * length,
        l2,
      )
    move(`${name}.factors`, factorGradients, options.factors, options.l2)
    move(`${name}.embedding`, embeddingGradients, options.embedding, options.l2Perceptron)
  }
}
