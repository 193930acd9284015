import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'
import { Random } from '../../data/random.ts'
import { LinearCrew } from '../linear/crew.ts'
import { CrewRanker, type PlacedScores, takeScores, takeTopK } from '../linear/top-rows.ts'
import { adamStepSize } from '../model-spec.ts'
import type { EngineMemory } from '../wasm/engine-memory.ts'
import { builtModule } from '../wasm/kernels.ts'
import type { FoldInOptions } from './fold-in-options.ts'
import { type FoldInState, readTables, rowWidth, writeTables } from './fold-in-tables.ts'
import type { FoldInWeights } from './fold-in-weights.ts'
import type { FoldInKernels } from './kernels.ts'
import { placeHistories, placeScales } from './place-histories.ts'

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Rows of a table that a thread takes in one go. */
const rowsAtOnce = 64

/**
 * Trains the fold-in component with a loss of its own: weighted squares over every cell of the matrix,
 *
 *   loss = sum over observed cells of (1 - s)^2  +  unobserved * sum over all others of s^2
 *
 * With linear scores the second sum needs no scores: sum over all cells of (h_u . w_i)^2 = sum over users of
 * h_u (W^T W) h_u^T, a product with one small matrix, as in implicit ALS. Only observed cells are decoded. A step costs
 * nonzeros x hidden + (users of the batch + items) x hidden^2.
 *
 * Products of whole tables are shared by a crew of threads, what few cells need is done by one. Equal seeds give equal bits with
 * any number of threads.
 *
 * @see Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008 (the loss, the Gram matrix)
 */
export class FoldInEngine extends CrewRanker {
  readonly #memory: EngineMemory
  readonly #kernels: FoldInKernels
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

  private constructor(
    crew: LinearCrew,
    module: WebAssembly.Module,
    ratings: CsrMatrix,
    options: FoldInOptions,
  ) {
    super(crew)
    this.#memory = crew.memory
    const { memory } = crew.memory
    this.#kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as FoldInKernels
    this.#ratings = ratings
    this.#options = options
    this.#width = rowWidth(options.hidden)
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
  static async create(ratings: CsrMatrix, options: FoldInOptions, threads: number): Promise<FoldInEngine> {
    const module = await builtModule('fold-in-training.wasm')
    return new FoldInEngine(await LinearCrew.gather(threads), module, ratings, options)
  }

  /**
   * One pass over all users with a history, in random order.
   *
   * @param watch told after each step how many are behind, of how many, and their loss so far; awaited
   * @returns the loss without its L2 term
   */
  async epoch(
    epoch: number,
    watch: (step: number, steps: number, loss: number) => Promise<void> = async () => {},
  ): Promise<number> {
    const { rowCount } = this.#ratings
    const { seed, batchUsers } = this.#options
    const random = new Random(seed, epoch, 3)
    const order = Uint32Array.from({ length: rowCount }, (_, user) => user)
    random.shuffle(order)
    const users = order.filter((user) => rowOf(this.#ratings, user).length > 0)
    const steps = Math.ceil(users.length / batchUsers)
    let loss = 0
    for (let step = 1; step <= steps; step++) {
      const batch = users.subarray((step - 1) * batchUsers, step * batchUsers)
      loss += this.#update(batch, random, batch.length / users.length)
      await watch(step, steps, loss)
    }
    return loss
  }

  /** One step on the whole histories of some users; returns their loss. */
  #update(users: Uint32Array, random: Random, share: number): number {
    const { l2, dropout, learningRate, unobserved } = this.#options
    const { columnCount } = this.#ratings
    const memory = this.#memory
    const kernels = this.#kernels
    const stride = this.#stride
    const rows = users.length
    const [encoder, bias, decoder] = [this.#encoder, this.#bias, this.#decoder]
    const gradientOf = (parameter: number) => this.#gradients + (parameter - encoder)

    const observed = placeHistories(memory, this.#ratings, users)
    const kept = placeHistories(memory, this.#ratings, users, () => random.next() >= dropout)
    const scales = placeScales(memory, this.#ratings, users, 1 - dropout)
    const hidden = this.#encodeRows(kept, scales, rows)
    const hiddenGradient = memory.allocate(rows * stride)

    // What all cells have in common: d/dh = 2 a h (W^T W), d/dW = 2 a W (H^T H).
    memory.f32(this.#gradients, this.#parameterBytes / 4).fill(0)
    this.#timesGram(hiddenGradient, hidden, rows, decoder, columnCount)
    let loss = kernels.dots(hidden, hiddenGradient, rows, stride) / 2
    this.#timesGram(gradientOf(decoder), decoder, columnCount, hidden, rows)

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
    const decay = { real: 2 * l2 * share }
    const words = [encoder, this.#parameterBytes, this.#gradients, stride, decay]
    this.crew.run('adamRows', this.#parameterBytes / stride, rowsAtOnce, words)
    memory.release(this.#mark)
    return loss
  }

  /** out = 2 a X (Y^T Y), with a the weight of unobserved cells. */
  #timesGram(out: number, x: number, xRows: number, y: number, yRows: number): void {
    const [crew, width, stride, gram] = [this.crew, this.#width, this.#stride, this.#gram]
    crew.run('gramOfTable', width / 4, 1, [gram, y, yRows, stride])
    const matrix = this.#memory.f32(gram, width * width)
    const factor = 2 * this.#options.unobserved
    // Each row is there from its own tile of four on; the rest by symmetry.
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) matrix[j * width + i] = matrix[i * width + j] *= factor
    }
    crew.run('timesTable', xRows, rowsAtOnce, [out, x, gram, width, stride])
  }

  /**
   * Hidden layers of users whose histories are theirs in `ratings`, with the 1 that the output bias is multiplied by
   * behind them. `[users, width]`; a column of zeros makes up what is missing to `width`.
   */
  hidden(users: Uint32Array): Float32Array {
    const address = this.#encode(users)
    const hidden = this.#memory.f32(address, users.length * this.#width).slice()
    this.#memory.release(this.#mark)
    return hidden
  }

  /** Scores the other way round: of items of `ratings` by all layers that {@link hidden} gave. `[columns, rows]` */
  scoresOfColumns(columns: Uint32Array, hidden: Float32Array): Float32Array {
    return takeScores(this.crew, this.#scoreColumns(columns, hidden), columns)
  }

  /** The best rows of each of some columns, as {@link scoresOfColumns} scores them. */
  topKOfColumns(
    columns: Uint32Array,
    hidden: Float32Array,
    k: number,
    masked: CsrMatrix | undefined,
  ): TopK[] {
    return takeTopK(this.crew, this.#scoreColumns(columns, hidden), columns, k, masked)
  }

  weights(): FoldInWeights {
    return this.#read(this.#encoder)
  }

  /** Everything that an epoch changes: weights, and Adam's two moments of them. Copies. */
  state(): FoldInState {
    return {
      step: this.#step,
      weights: this.#read(this.#encoder),
      first: this.#read(this.#encoder + this.#parameterBytes),
      second: this.#read(this.#encoder + 2 * this.#parameterBytes),
    }
  }

  /** Takes up a state; moments that are left out are zero. */
  load({ step, weights, first, second }: FoldInState): void {
    this.#step = step
    const tables = [weights, first, second]
    tables.forEach((given, n) => {
      if (given !== undefined) writeTables(this.#memory, this.#encoder + n * this.#parameterBytes, given)
    })
  }

  #read(address: number): FoldInWeights {
    return readTables(this.#memory, address, this.#ratings.columnCount, this.#options.hidden)
  }

  #encode(users: Uint32Array): number {
    const history = placeHistories(this.#memory, this.#ratings, users)
    return this.#encodeRows(history, placeScales(this.#memory, this.#ratings, users), users.length)
  }

  #encodeRows({ offsets, items }: { offsets: number; items: number }, scales: number, rows: number): number {
    const out = this.#memory.allocate(rows * this.#stride)
    const { hidden } = this.#options
    this.#kernels.encode(out, this.#encoder, this.#bias, offsets, items, scales, rows, hidden, this.#stride)
    return out
  }

  /** Of users whose histories are theirs in `ratings`. */
  protected place(users: Uint32Array): PlacedScores {
    return this.#score(this.#encode(users), users.length, this.#decoder, this.#ratings.columnCount)
  }

  #scoreColumns(columns: Uint32Array, hidden: Float32Array): PlacedScores {
    const memory = this.#memory
    const layers = memory.allocate(hidden.byteLength)
    memory.f32(layers, hidden.length).set(hidden)
    const decoders = memory.allocate(columns.length * this.#stride)
    const table = memory.f32(this.#decoder, this.#ratings.columnCount * this.#width)
    columns.forEach((column, n) => {
      const row = table.subarray(column * this.#width, (column + 1) * this.#width)
      memory.f32(decoders + n * this.#stride, this.#width).set(row)
    })
    return this.#score(decoders, columns.length, layers, hidden.length / this.#width)
  }

  /** Products of all rows of one table with all of another. */
  #score(rows: number, rowCount: number, columns: number, columnCount: number): PlacedScores {
    const padded = Math.ceil(columnCount / 4) * 4
    const address = this.#memory.allocate(4 * rowCount * padded)
    const order = this.#memory.place(Uint32Array.from({ length: rowCount }, (_, row) => row))
    const words = [address, 4 * padded, order, rows, columns, padded, this.#stride]
    this.crew.run('scoresOfTables', rowCount, 16, words)
    return { address, rowBytes: 4 * padded, items: columnCount, mark: this.#mark }
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
}
