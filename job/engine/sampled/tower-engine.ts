import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { Random } from '../../data/random.ts'
import { sampleCells } from '../../data/sample-cells.ts'
import { EngineMemory } from '../wasm/engine-memory.ts'
import { AdamTables, type TablesState } from './adam-tables.ts'
import { type BatchRows, DistinctRows } from './distinct-rows.ts'
import { type SampledKernels, sampledKernels } from './kernels.ts'
import {
  isEmbedding,
  layerCount,
  neurons,
  startingTable,
  type TowerOptions,
  towerShapes,
} from './tower-tables.ts'

/** Samples that pass through all layers and back at a time: what they need stays in a second-level cache. */
const samplesAtOnce = 256

/** Addresses of what a batch needs of its distinct users, or items. */
interface Side {
  rows: BatchRows
  /** `[rows, factors]` */
  factors: number
  factorGradients: number
  /** `[rows, embedding]` */
  embedding: number
  embeddingGradients: number
  /** What goes into the first hidden layer, `[rows, hidden]` */
  half: number
  halfGradients: number
}

/** Addresses of a layer's outputs for some samples, their gradients, and its weights as products need them. */
interface Layer {
  /** `[samplesAtOnce, neurons]` */
  outputs: number
  gradients: number
  /** Panels of the weights, and of their transpose. */
  panels: number
  transposed: number
}

/**
 * Generalized matrix factorization beside a perceptron of four hidden layers, both read by one output neuron; fitted by
 * Adam on batches of sampled cells. The equation stands in models/ncf.ts.
 *
 * The first hidden layer is linear in the two embeddings side by side: z_1 = p W_user + q W_item + b. So each distinct user
 * and item of a batch passes through it once, and samples add up two halves. Adam moves the rows of the embeddings that a
 * batch meets, and their moments; the others rest. On one thread. Equal seeds give equal bits.
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
  /** Gradients of all that is no embedding, by table; one behind the other. */
  readonly #gradients: Record<string, number> = {}
  readonly #gradientBytes: number
  readonly #firstGradient: number
  /** By number, from 1. */
  readonly #layers: Layer[] = []
  /** Zeros: the bias of a product without one. */
  readonly #zeros: number

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
    this.#zeros = this.#cleared(4 * Math.max(neurons(options, 0), options.hidden))
    this.#firstGradient = memory.allocate(0)
    for (const name of Object.keys(shapes)) {
      if (!isEmbedding(name)) this.#gradients[name] = memory.allocate(this.tables.bytes(name))
    }
    this.#gradientBytes = memory.mark - this.#firstGradient
    for (let layer = 1; layer <= layerCount; layer++) {
      const weightBytes = this.tables.bytes(`layer.${layer}.weights`)
      const outputBytes = 4 * samplesAtOnce * neurons(options, layer)
      this.#layers[layer] = {
        outputs: memory.allocate(outputBytes),
        gradients: memory.allocate(outputBytes),
        panels: memory.allocate(weightBytes),
        transposed: memory.allocate(weightBytes),
      }
    }
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
      yield {
        loss: this.#update(users.subarray(begin, end), items.subarray(begin * width, end * width)),
        steps,
      }
    }
  }

  state(): TablesState {
    return this.tables.state()
  }

  /** One step of Adam on a batch of cells. */
  #update(cellUsers: Uint32Array, items: Uint32Array): number {
    const { memory, kernels, tables, options } = this
    const mark = memory.mark
    const width = items.length / cellUsers.length
    const users = items.map((_, sample) => cellUsers[Math.floor(sample / width)])
    const labels = memory.allocate(4 * items.length)
    memory.f32(labels, items.length).set(Float32Array.from(items, (_, s) => (s % width === 0 ? 1 : 0)))
    kernels.clear(this.#firstGradient, this.#gradientBytes)
    this.#packWeights()

    const user = this.#side('user', this.#users.layOut(memory, users))
    const item = this.#side('item', this.#items.layOut(memory, items))
    let loss = 0
    for (let first = 0; first < items.length; first += samplesAtOnce) {
      const samples = Math.min(samplesAtOnce, items.length - first)
      loss += this.#differentiate(user, item, labels, first, samples)
    }
    this.#halfBackward('user', user)
    this.#halfBackward('item', item)

    tables.nextStep(options.learningRate)
    this.#moveRows('user', user)
    this.#moveRows('item', item)
    for (const [name, gradient] of Object.entries(this.#gradients)) {
      kernels.adam(tables.address(name), tables.moments, gradient, tables.bytes(name), 0)
    }
    memory.release(mark)
    return loss
  }

  /** Some samples through all layers and back; returns their loss. */
  #differentiate(user: Side, item: Side, labels: number, first: number, samples: number): number {
    const { kernels, tables, options } = this
    const layers = this.#layers
    const userOf = user.rows.places + 4 * first
    const itemOf = item.rows.places + 4 * first
    const width = (layer: number) => neurons(options, layer)
    kernels.joinHalves(layers[1].outputs, user.half, item.half, userOf, itemOf, samples, 4 * width(1))
    for (let l = 2; l <= layerCount; l++) {
      // [samples, neurons before] x [neurons before, neurons] -> [samples, neurons]
      const { outputs, panels } = layers[l]
      const bias = tables.address(`layer.${l}.bias`)
      kernels.multiply(outputs, layers[l - 1].outputs, panels, bias, 0, samples, width(l - 1), width(l))
    }
    const last = layers[layerCount]
    const loss = kernels.differentiateHead(
      samples,
      userOf,
      itemOf,
      labels + 4 * first,
      user.factors,
      user.factorGradients,
      item.factors,
      item.factorGradients,
      last.outputs,
      last.gradients,
      tables.address('head'),
      this.#gradients.head,
      4 * options.factors,
      4 * width(layerCount),
    )
    for (let l = layerCount; l >= 1; l--) {
      const { outputs, gradients, transposed } = layers[l]
      kernels.rectifyBackward(gradients, outputs, this.#gradients[`layer.${l}.bias`], samples, 4 * width(l))
      if (l === 1) break
      const before = layers[l - 1]
      const weightGradients = this.#gradients[`layer.${l}.weights`]
      kernels.addTransposedProduct(
        weightGradients,
        before.outputs,
        gradients,
        samples,
        width(l - 1),
        width(l),
      )
      this.#multiplyPlain(before.gradients, gradients, transposed, samples, width(l), width(l - 1))
    }
    kernels.scatterRows(user.halfGradients, layers[1].gradients, userOf, samples, 4 * width(1))
    kernels.scatterRows(item.halfGradients, layers[1].gradients, itemOf, samples, 4 * width(1))
    return loss
  }

  /** The rows of a batch, gathered, and what they bring to the first hidden layer; the user's half has the bias. */
  #side(side: 'user' | 'item', rows: BatchRows): Side {
    const { memory, kernels, tables, options } = this
    const { count, indexes } = rows
    const gathered = (table: string, length: number) => {
      const address = memory.allocate(4 * count * length)
      kernels.gatherRows(address, tables.address(table), indexes, count, 4 * length)
      return address
    }
    const factors = gathered(`${side}.factors`, options.factors)
    const embedding = gathered(`${side}.embedding`, options.embedding)
    const half = memory.allocate(4 * count * options.hidden)
    kernels.multiply(
      half,
      embedding,
      this.#layers[1].panels + this.#partOfFirstLayer(side),
      side === 'user' ? tables.address('layer.1.bias') : this.#zeros,
      Number.NEGATIVE_INFINITY,
      count,
      options.embedding,
      options.hidden,
    )
    return {
      rows,
      factors,
      factorGradients: this.#cleared(4 * count * options.factors),
      embedding,
      embeddingGradients: memory.allocate(4 * count * options.embedding),
      half,
      halfGradients: this.#cleared(4 * count * options.hidden),
    }
  }

  /** Back through the first layer, by distinct rows. */
  #halfBackward(side: 'user' | 'item', { rows, embedding, embeddingGradients, halfGradients }: Side): void {
    const { kernels, options } = this
    const part = this.#partOfFirstLayer(side)
    kernels.addTransposedProduct(
      this.#gradients['layer.1.weights'] + part,
      embedding,
      halfGradients,
      rows.count,
      options.embedding,
      options.hidden,
    )
    this.#multiplyPlain(
      embeddingGradients,
      halfGradients,
      this.#layers[1].transposed + part,
      rows.count,
      options.hidden,
      options.embedding,
    )
  }

  #moveRows(side: 'user' | 'item', { rows, factorGradients, embeddingGradients }: Side): void {
    const { tables, options } = this
    const move = (table: string, gradients: number, length: number) =>
      this.kernels.adamRows(
        tables.address(table),
        tables.moments,
        gradients,
        rows.indexes,
        rows.counts,
        rows.count,
        4 * length,
        options.l2,
      )
    move(`${side}.factors`, factorGradients, options.factors)
    move(`${side}.embedding`, embeddingGradients, options.embedding)
  }

  /** Weights as products need them. The first layer's two parts are packed apart, each in half of the room. */
  #packWeights(): void {
    const { kernels, tables, options } = this
    for (let l = 1; l <= layerCount; l++) {
      const weights = tables.address(`layer.${l}.weights`)
      const { panels, transposed } = this.#layers[l]
      const parts = l === 1 ? (['user', 'item'] as const).map((side) => this.#partOfFirstLayer(side)) : [0]
      const rows = neurons(options, l - 1) / parts.length
      for (const part of parts) {
        kernels.pack(panels + part, weights + part, rows, neurons(options, l))
        kernels.packTransposed(transposed + part, weights + part, rows, neurons(options, l))
      }
    }
  }

  /** Where the weights of an embedding begin among those of the first layer, in bytes. */
  #partOfFirstLayer(side: 'user' | 'item'): number {
    return side === 'user' ? 0 : 4 * this.options.embedding * this.options.hidden
  }

  #multiplyPlain(out: number, a: number, panels: number, rows: number, inner: number, columns: number): void {
    this.kernels.multiply(out, a, panels, this.#zeros, Number.NEGATIVE_INFINITY, rows, inner, columns)
  }

  #cleared(bytes: number): number {
    const address = this.memory.allocate(bytes)
    this.kernels.clear(address, bytes)
    return address
  }
}
