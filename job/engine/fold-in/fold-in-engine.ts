import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'
import { Random } from '../../data/random.ts'
import { adamStepSize } from '../model-spec.ts'
import { type Ranker, topKOfScores } from '../top-k.ts'
import { EngineMemory } from '../wasm/engine-memory.ts'
import { builtModule } from '../wasm/kernels.ts'
import type { FoldInWeights } from './fold-in-weights.ts'

export interface FoldInOptions {
  /** Hidden units, a multiple of 4. */
  hidden: number
  /** Weight of an unobserved cell's square, where an observed one has 1. */
  unobserved: number
  /** Share of a history's items that is left out of the input, drawn anew in each epoch; all are to be found. */
  dropout: number
  /** Strength of `l2 * sum of squares` of all weights and biases, beside the loss of all users. */
  l2: number
  learningRate: number
  /** Users of a step. */
  batchUsers: number
  seed: number
}

/** What the module in assembly/ exports; see there. */
interface Kernels {
  encode(
    out: number,
    encoder: number,
    bias: number,
    offsets: number,
    items: number,
    scales: number,
    rows: number,
    hidden: number,
    stride: number,
  ): void
  gram(out: number, table: number, rows: number, stride: number): void
  timesGram(out: number, table: number, gram: number, rows: number, factor: number, stride: number): void
  observe(
    hidden: number,
    hiddenGradient: number,
    decoder: number,
    decoderGradient: number,
    offsets: number,
    items: number,
    rows: number,
    rest: number,
    stride: number,
  ): number
  backward(
    hidden: number,
    hiddenGradient: number,
    encoderGradient: number,
    biasGradient: number,
    offsets: number,
    items: number,
    scales: number,
    rows: number,
    stride: number,
  ): void
  dots(x: number, y: number, rows: number, stride: number): number
  adam(weights: number, moments: number, gradient: number, bytes: number, l2: number): void
  score(out: number, hidden: number, decoder: number, rows: number, items: number, stride: number): void
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/**
 * Trains the fold-in component with a loss of its own: weighted squares over every cell of the matrix,
 *
 *   loss = sum over observed cells of (1 - s)^2  +  unobserved * sum over all others of s^2
 *
 * With linear scores the second sum needs no scores: sum over all cells of (h_u . w_i)^2 = sum over users of
 * h_u (W^T W) h_u^T, a product with one small matrix, as in implicit ALS. Only observed cells are decoded. A step costs
 * nonzeros x hidden + (users of the batch + items) x hidden^2.
 *
 * On one thread. Equal seeds give equal bits.
 *
 * @see Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008 (the loss, the Gram matrix)
 */
export class FoldInEngine implements Ranker {
  readonly #memory = new EngineMemory()
  readonly #kernels: Kernels
  readonly #ratings: CsrMatrix
  readonly #options: FoldInOptions
  /** Numbers, and bytes, from one row to the next: the hidden units, the output bias, zeros. */
  readonly #width: number
  readonly #stride: number
  /** One table after the other: encoder, its bias as one row more, decoder; then both moments; gradients apart. */
  readonly #encoder: number
  readonly #bias: number
  readonly #decoder: number
  readonly #parameterBytes: number
  readonly #gradients: number
  readonly #gram: number
  readonly #mark: number
  #step = 0

  private constructor(module: WebAssembly.Module, ratings: CsrMatrix, options: FoldInOptions) {
    const { memory } = this.#memory
    this.#kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
    this.#ratings = ratings
    this.#options = options
    this.#width = Math.ceil((options.hidden + 1) / 8) * 8
    this.#stride = 4 * this.#width
    const table = ratings.columnCount * this.#stride
    this.#parameterBytes = 2 * table + this.#stride
    this.#encoder = this.#memory.allocate(3 * this.#parameterBytes)
    this.#bias = this.#encoder + table
    this.#decoder = this.#bias + this.#stride
    this.#gradients = this.#memory.allocate(this.#parameterBytes)
    this.#gram = this.#memory.allocate(this.#stride * this.#width)
    this.#mark = this.#memory.mark
    this.#memory.setReal('beta1', adam.beta1)
    this.#memory.setReal('beta2', adam.beta2)
    this.#memory.setReal('epsilon', adam.epsilon)
    this.#initialise()
  }

  /** @param ratings rows to train on, `[users, items]` */
  static async create(ratings: CsrMatrix, options: FoldInOptions): Promise<FoldInEngine> {
    return new FoldInEngine(await builtModule('fold-in-training.wasm'), ratings, options)
  }

  /** One pass over all users with a history, in random order; returns the loss without its L2 term. */
  epoch(epoch: number): number {
    const { rowCount } = this.#ratings
    const random = new Random(this.#options.seed, epoch, 3)
    const order = Uint32Array.from({ length: rowCount }, (_, user) => user)
    random.shuffle(order)
    const users = order.filter((user) => rowOf(this.#ratings, user).length > 0)
    let loss = 0
    for (let begin = 0; begin < users.length; begin += this.#options.batchUsers) {
      const batch = users.subarray(begin, begin + this.#options.batchUsers)
      loss += this.#update(batch, random, batch.length / users.length)
    }
    return loss
  }

  /** One step on the whole histories of some users; returns their loss. */
  #update(users: Uint32Array, random: Random, share: number): number {
    const { unobserved, l2, dropout, learningRate } = this.#options
    const { columnCount } = this.#ratings
    const memory = this.#memory
    const kernels = this.#kernels
    const stride = this.#stride
    const rows = users.length
    const [encoder, bias, decoder, gram] = [this.#encoder, this.#bias, this.#decoder, this.#gram]
    const gradientOf = (parameter: number) => this.#gradients + (parameter - encoder)

    const observed = this.#place(users, () => true)
    const kept = this.#place(users, () => random.next() >= dropout)
    const scales = this.#scales(users, 1 - dropout)
    const hidden = memory.allocate(rows * stride)
    const hiddenGradient = memory.allocate(rows * stride)
    kernels.encode(
      hidden,
      encoder,
      bias,
      kept.offsets,
      kept.items,
      scales,
      rows,
      this.#options.hidden,
      stride,
    )

    // What all cells have in common: d/dh = 2 a h (W^T W), d/dW = 2 a W (H^T H).
    memory.f32(this.#gradients, this.#parameterBytes / 4).fill(0)
    kernels.gram(gram, decoder, columnCount, stride)
    kernels.timesGram(hiddenGradient, hidden, gram, rows, 2 * unobserved, stride)
    let loss = kernels.dots(hidden, hiddenGradient, rows, stride) / 2
    kernels.gram(gram, hidden, rows, stride)
    kernels.timesGram(gradientOf(decoder), decoder, gram, columnCount, 2 * unobserved, stride)

    loss += kernels.observe(
      hidden,
      hiddenGradient,
      decoder,
      gradientOf(decoder),
      observed.offsets,
      observed.items,
      rows,
      unobserved,
      stride,
    )
    kernels.backward(
      hidden,
      hiddenGradient,
      gradientOf(encoder),
      gradientOf(bias),
      kept.offsets,
      kept.items,
      scales,
      rows,
      stride,
    )

    this.#step++
    memory.setReal('learningRate', adamStepSize({ ...adam, learningRate }, this.#step))
    kernels.adam(encoder, this.#parameterBytes, this.#gradients, this.#parameterBytes, 2 * l2 * share)
    memory.release(this.#mark)
    return loss
  }

  /** The best items of users whose histories are theirs in `ratings`. */
  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    const memory = this.#memory
    const { columnCount } = this.#ratings
    const history = this.#place(users, () => true)
    const hidden = memory.allocate(users.length * this.#stride)
    const padded = Math.ceil(columnCount / 4) * 4
    const out = memory.allocate(4 * users.length * padded)
    this.#kernels.encode(
      hidden,
      this.#encoder,
      this.#bias,
      history.offsets,
      history.items,
      this.#scales(users, 1),
      users.length,
      this.#options.hidden,
      this.#stride,
    )
    this.#kernels.score(out, hidden, this.#decoder, users.length, columnCount, this.#stride)
    const scores = memory.f32(out, users.length * padded)
    const exact = new Float32Array(users.length * columnCount)
    for (let r = 0; r < users.length; r++) {
      exact.set(scores.subarray(r * padded, r * padded + columnCount), r * columnCount)
    }
    memory.release(this.#mark)
    return topKOfScores(exact, users, k, masked)
  }

  weights(): FoldInWeights {
    const items = this.#ratings.columnCount
    const { hidden } = this.#options
    const rows = (address: number, count: number) => {
      const table = this.#memory.f32(address, count * this.#width)
      const out = new Float32Array(count * hidden)
      for (let r = 0; r < count; r++) {
        out.set(table.subarray(r * this.#width, r * this.#width + hidden), r * hidden)
      }
      return out
    }
    const decoder = this.#memory.f32(this.#decoder, items * this.#width)
    return {
      items,
      hidden,
      encoder: rows(this.#encoder, items),
      hiddenBias: rows(this.#bias, 1),
      decoder: rows(this.#decoder, items),
      outputBias: Float32Array.from({ length: items }, (_, item) => decoder[item * this.#width + hidden]),
    }
  }

  #initialise(): void {
    const random = new Random(this.#options.seed, 4)
    const { columnCount } = this.#ratings
    for (const address of [this.#encoder, this.#decoder]) {
      const table = this.#memory.f32(address, columnCount * this.#width)
      for (let item = 0; item < columnCount; item++) {
        for (let k = 0; k < this.#options.hidden; k++)
          table[item * this.#width + k] = 0.05 * random.truncatedNormal()
      }
    }
  }

  /** Rows of `ratings`, one behind the other; items that `keeps` says no to are left out. */
  #place(users: Uint32Array, keeps: () => boolean): { offsets: number; items: number } {
    const offsets = new Uint32Array(users.length + 1)
    const items: number[] = []
    users.forEach((user, row) => {
      for (const item of rowOf(this.#ratings, user)) if (keeps()) items.push(item)
      offsets[row + 1] = items.length
    })
    return { offsets: this.#memory.place(offsets), items: this.#memory.place(Uint32Array.from(items)) }
  }

  /** 1 / sqrt(n), and more where only a share of the items is kept. */
  #scales(users: Uint32Array, kept: number): number {
    const address = this.#memory.allocate(4 * users.length)
    this.#memory
      .f32(address, users.length)
      .set(Array.from(users, (user) => 1 / kept / Math.sqrt(Math.max(1, rowOf(this.#ratings, user).length))))
    return address
  }
}
