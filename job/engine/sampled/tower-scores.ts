import type { ScoreRows } from './score-rows.ts'
import type { TowerEngine } from './tower-engine.ts'
import { layerCount, neurons } from './tower-tables.ts'

/** Items that pass through the layers at a time: what they need stays in a second-level cache. */
const itemsAtOnce = 256

/** Addresses of a layer's outputs for some items, and of its weights, packed. */
interface Layer {
  outputs: number
  panels: number
}

/**
 * Scores of all items, before the sigmoid of the output neuron. What goes into the first hidden layer from an item is
 * computed once for all users, what goes in from a user once for all items.
 */
export class TowerScores implements ScoreRows {
  readonly itemCount: number
  readonly stride: number
  readonly usersAtOnce = 16
  readonly #engine: TowerEngine
  readonly #layers: Layer[] = []
  /** Panels of the first layer's weights of the user. */
  readonly #userWeights: number
  /** `[items, hidden]` */
  readonly #itemHalves: number
  /** Panels of the items' factors, `[factors, items]`. */
  readonly #itemFactors: number
  /** `[usersAtOnce, factors]`, `[usersAtOnce, embedding]`, `[usersAtOnce, hidden]` */
  readonly #userFactors: number
  readonly #userEmbeddings: number
  readonly #userHalves: number
  /** The output neuron's bias for every item. */
  readonly #bias: number
  readonly #out: number

  constructor(engine: TowerEngine, itemCount: number) {
    const { memory, options } = engine
    const { factors, embedding } = options
    const hidden = neurons(options, 1)
    const floats = (length: number) => memory.allocate(4 * length)
    this.#engine = engine
    this.itemCount = itemCount
    this.stride = Math.ceil(itemCount / 8) * 8
    for (let l = 1; l <= layerCount; l++) {
      this.#layers[l] = {
        outputs: floats(itemsAtOnce * neurons(options, l)),
        panels: floats(neurons(options, l - 1) * neurons(options, l)),
      }
    }
    this.#userWeights = floats(embedding * hidden)
    this.#itemHalves = floats(itemCount * hidden)
    this.#itemFactors = floats(this.stride * factors)
    this.#userFactors = floats(this.usersAtOnce * factors)
    this.#userEmbeddings = floats(this.usersAtOnce * embedding)
    this.#userHalves = floats(this.usersAtOnce * hidden)
    this.#bias = floats(this.stride)
    this.#out = floats(this.usersAtOnce * this.stride)
  }

  /** Takes the engine's present weights. */
  load(): void {
    const { memory, kernels, tables, options } = this.#engine
    const { factors, embedding } = options
    const hidden = neurons(options, 1)
    for (let l = 2; l <= layerCount; l++) {
      const weights = tables.address(`layer.${l}.weights`)
      kernels.pack(this.#layers[l].panels, weights, neurons(options, l - 1), neurons(options, l))
    }
    const first = tables.address('layer.1.weights')
    kernels.pack(this.#userWeights, first, embedding, hidden)
    const itemWeights = this.#layers[1].panels
    kernels.pack(itemWeights, first + 4 * embedding * hidden, embedding, hidden)
    // [items, embedding] x [embedding, hidden] -> [items, hidden]
    kernels.multiply(
      this.#itemHalves,
      tables.address('item.embedding'),
      itemWeights,
      tables.address('layer.1.bias'),
      Number.NEGATIVE_INFINITY,
      this.itemCount,
      embedding,
      hidden,
    )
    kernels.packTransposed(this.#itemFactors, tables.address('item.factors'), this.itemCount, factors)
    memory.f32(this.#bias, this.stride).fill(tables.weights('head').at(-1) ?? 0)
  }

  compute(users: Uint32Array): Float32Array {
    const { memory, kernels, options } = this.#engine
    const { factors } = options
    const hidden = neurons(options, 1)
    this.#layOut(users)
    kernels.multiply(
      this.#out,
      this.#userFactors,
      this.#itemFactors,
      this.#bias,
      Number.NEGATIVE_INFINITY,
      users.length,
      factors,
      this.stride,
    )
    for (let row = 0; row < users.length; row++) {
      for (let first = 0; first < this.itemCount; first += itemsAtOnce) {
        const items = Math.min(itemsAtOnce, this.itemCount - first)
        this.#addTower(
          this.#userHalves + 4 * row * hidden,
          first,
          items,
          this.#out + 4 * (row * this.stride + first),
        )
      }
    }
    return memory.f32(this.#out, users.length * this.stride)
  }

  /** The users' factors, weighted by the output neuron, and what they bring to the first hidden layer. */
  #layOut(users: Uint32Array): void {
    const { memory, kernels, tables, options } = this.#engine
    const { factors, embedding } = options
    const hidden = neurons(options, 1)
    const head = tables.weights('head')
    const userFactors = tables.weights('user.factors')
    const userEmbeddings = tables.weights('user.embedding')
    const weighted = memory.f32(this.#userFactors, users.length * factors)
    const embeddings = memory.f32(this.#userEmbeddings, users.length * embedding)
    users.forEach((user, row) => {
      for (let f = 0; f < factors; f++)
        weighted[row * factors + f] = userFactors[user * factors + f] * head[f]
      embeddings.set(userEmbeddings.subarray(user * embedding, (user + 1) * embedding), row * embedding)
    })
    memory.f32(this.#layers[1].outputs, hidden).fill(0)
    kernels.multiply(
      this.#userHalves,
      this.#userEmbeddings,
      this.#userWeights,
      this.#layers[1].outputs,
      Number.NEGATIVE_INFINITY,
      users.length,
      embedding,
      hidden,
    )
  }

  /** Adds what the perceptron has to say of some items for one user. */
  #addTower(userHalf: number, first: number, items: number, out: number): void {
    const { kernels, tables, options } = this.#engine
    const { factors } = options
    const hidden = neurons(options, 1)
    const layers = this.#layers
    kernels.joinUser(layers[1].outputs, userHalf, this.#itemHalves + 4 * first * hidden, items, 4 * hidden)
    for (let l = 2; l <= layerCount; l++) {
      const bias = tables.address(`layer.${l}.bias`)
      const { outputs, panels } = layers[l]
      const before = neurons(options, l - 1)
      kernels.multiply(outputs, layers[l - 1].outputs, panels, bias, 0, items, before, neurons(options, l))
    }
    const head = tables.address('head') + 4 * factors
    kernels.addDots(out, layers[layerCount].outputs, head, items, 4 * neurons(options, layerCount))
  }
}
