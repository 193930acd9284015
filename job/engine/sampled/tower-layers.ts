import type { EngineMemory } from '../wasm/engine-memory.ts'
import type { AdamTables } from './adam-tables.ts'
import type { BatchRows } from './distinct-rows.ts'
import type { SampledKernels } from './kernels.ts'
import { isEmbedding, layerCount, neurons, type TowerOptions, towerShapes } from './tower-tables.ts'

/** Samples that pass through all layers and back at a time: what they need stays in a second-level cache. */
const samplesAtOnce = 256

/** Addresses of what a batch needs of its distinct users, or items. */
export interface Side {
  name: 'user' | 'item'
  rows: BatchRows
  /** `[rows, factors]` */
  factors: number
  factorGradients: number
  /** `[rows, embedding]` */
  embedding: number
  embeddingGradients: number
  /** What goes into the first hidden layer, `[rows, neurons]` */
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
 * What stands between the embeddings of a batch and its loss: hidden layers and the output neuron, forward and back.
 *
 * The first hidden layer is linear in the two embeddings side by side: z_1 = p W_user + q W_item + b. So each distinct user
 * and item of a batch passes through it once, and samples add up two halves.
 */
export class TowerLayers {
  readonly #memory: EngineMemory
  readonly #kernels: SampledKernels
  readonly #tables: AdamTables
  readonly #options: TowerOptions
  /** Neurons by layer. */
  readonly #widths: number[]
  /** Gradients of all that is no embedding, by table; one behind the other. */
  readonly #gradients: Record<string, number> = {}
  readonly #gradientBytes: number
  readonly #firstGradient: number
  /** By number, from 1. */
  readonly #layers: Layer[] = []
  /** Zeros: the bias of a product without one. */
  readonly #zeros: number

  constructor(memory: EngineMemory, kernels: SampledKernels, tables: AdamTables, options: TowerOptions) {
    this.#memory = memory
    this.#kernels = kernels
    this.#tables = tables
    this.#options = options
    this.#widths = Array.from({ length: layerCount + 1 }, (_, layer) => neurons(options, layer))
    this.#zeros = this.#cleared(4 * this.#widths[0])
    this.#firstGradient = memory.mark
    for (const name of Object.keys(towerShapes(options, 0, 0))) {
      if (!isEmbedding(name)) this.#gradients[name] = memory.allocate(tables.bytes(name))
    }
    this.#gradientBytes = memory.mark - this.#firstGradient
    for (let layer = 1; layer <= layerCount; layer++) {
      const weightBytes = tables.bytes(`layer.${layer}.weights`)
      const outputBytes = 4 * samplesAtOnce * this.#widths[layer]
      this.#layers[layer] = {
        outputs: memory.allocate(outputBytes),
        gradients: memory.allocate(outputBytes),
        panels: memory.allocate(weightBytes),
        transposed: memory.allocate(weightBytes),
      }
    }
  }

  /**
   * The loss of some samples, summed. What it adds to derivatives lies in the sides and here, until {@link move}.
   *
   * @param labels address of 1 for each observed sample, 0 for another; float32
   */
  differentiate(users: BatchRows, items: BatchRows, labels: number, samples: number) {
    this.#kernels.clear(this.#firstGradient, this.#gradientBytes)
    this.#packWeights()
    const user = this.#enter('user', users)
    const item = this.#enter('item', items)
    let loss = 0
    for (let first = 0; first < samples; first += samplesAtOnce) {
      loss += this.#pass(user, item, labels, first, Math.min(samplesAtOnce, samples - first))
    }
    this.#leave(user)
    this.#leave(item)
    return { loss, user, item }
  }

  /** Moves all that is no embedding along the last gradient. */
  move(): void {
    const { moments } = this.#tables
    for (const [name, gradient] of Object.entries(this.#gradients)) {
      this.#kernels.adam(this.#tables.address(name), moments, gradient, this.#tables.bytes(name), 0)
    }
  }

  /** Samples `first` and following through all layers and back; returns their loss. */
  #pass(user: Side, item: Side, labels: number, first: number, samples: number): number {
    const kernels = this.#kernels
    const layers = this.#layers
    const widths = this.#widths
    const userOf = user.rows.places + 4 * first
    const itemOf = item.rows.places + 4 * first
    kernels.joinHalves(layers[1].outputs, user.half, item.half, userOf, itemOf, samples, 4 * widths[1])
    for (let l = 2; l <= layerCount; l++) {
      // [samples, neurons before] x [neurons before, neurons] -> [samples, neurons]
      const { outputs, panels } = layers[l]
      const bias = this.#tables.address(`layer.${l}.bias`)
      kernels.multiply(outputs, layers[l - 1].outputs, panels, bias, 0, samples, widths[l - 1], widths[l])
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
      this.#tables.address('head'),
      this.#gradients.head,
      4 * this.#options.factors,
      4 * widths[layerCount],
    )
    for (let l = layerCount; l >= 1; l--) {
      const { outputs, gradients, transposed } = layers[l]
      kernels.rectifyBackward(gradients, outputs, this.#gradients[`layer.${l}.bias`], samples, 4 * widths[l])
      if (l === 1) break
      const before = layers[l - 1]
      const ofWeights = this.#gradients[`layer.${l}.weights`]
      kernels.addTransposedProduct(ofWeights, before.outputs, gradients, samples, widths[l - 1], widths[l])
      this.#multiplyPlain(before.gradients, gradients, transposed, samples, widths[l], widths[l - 1])
    }
    kernels.scatterRows(user.halfGradients, layers[1].gradients, userOf, samples, 4 * widths[1])
    kernels.scatterRows(item.halfGradients, layers[1].gradients, itemOf, samples, 4 * widths[1])
    return loss
  }

  /** The rows of a batch, gathered, and what they bring to the first hidden layer; the user's half has the bias. */
  #enter(name: 'user' | 'item', rows: BatchRows): Side {
    const kernels = this.#kernels
    const tables = this.#tables
    const options = this.#options
    const { count, indexes } = rows
    const room = (length: number) => this.#memory.allocate(4 * count * length)
    const gathered = (table: string, length: number) => {
      const address = room(length)
      kernels.gatherRows(address, tables.address(table), indexes, count, 4 * length)
      return address
    }
    const factors = gathered(`${name}.factors`, options.factors)
    const embedding = gathered(`${name}.embedding`, options.embedding)
    const half = room(this.#widths[1])
    kernels.multiply(
      half,
      embedding,
      this.#layers[1].panels + this.#partOfFirstLayer(name),
      name === 'user' ? tables.address('layer.1.bias') : this.#zeros,
      Number.NEGATIVE_INFINITY,
      count,
      options.embedding,
      this.#widths[1],
    )
    return {
      ...{ name, rows, factors, embedding, half },
      factorGradients: this.#cleared(4 * count * options.factors),
      embeddingGradients: room(options.embedding),
      halfGradients: this.#cleared(4 * count * this.#widths[1]),
    }
  }

  /** Back through the first layer, by distinct rows. */
  #leave({ name, rows, embedding, embeddingGradients, halfGradients }: Side): void {
    const [length, width] = [this.#options.embedding, this.#widths[1]]
    const part = this.#partOfFirstLayer(name)
    const ofWeights = this.#gradients['layer.1.weights'] + part
    this.#kernels.addTransposedProduct(ofWeights, embedding, halfGradients, rows.count, length, width)
    const panels = this.#layers[1].transposed + part
    this.#multiplyPlain(embeddingGradients, halfGradients, panels, rows.count, width, length)
  }

  /** Weights as products need them. The first layer's two parts are packed apart, each in half of the room. */
  #packWeights(): void {
    for (let l = 1; l <= layerCount; l++) {
      const weights = this.#tables.address(`layer.${l}.weights`)
      const { panels, transposed } = this.#layers[l]
      const parts = l === 1 ? (['user', 'item'] as const).map((side) => this.#partOfFirstLayer(side)) : [0]
      const rows = this.#widths[l - 1] / parts.length
      for (const part of parts) {
        this.#kernels.pack(panels + part, weights + part, rows, this.#widths[l])
        this.#kernels.packTransposed(transposed + part, weights + part, rows, this.#widths[l])
      }
    }
  }

  /** Where the weights of an embedding begin among those of the first layer, in bytes. */
  #partOfFirstLayer(side: 'user' | 'item'): number {
    return side === 'user' ? 0 : 4 * this.#options.embedding * this.#widths[1]
  }

  #multiplyPlain(out: number, a: number, panels: number, rows: number, inner: number, columns: number): void {
    this.#kernels.multiply(out, a, panels, this.#zeros, Number.NEGATIVE_INFINITY, rows, inner, columns)
  }

  #cleared(bytes: number): number {
    const address = this.#memory.allocate(bytes)
    this.#kernels.clear(address, bytes)
    return address
  }
}
