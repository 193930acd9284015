import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { Random } from '../../data/random.ts'
import { sampleCells } from '../../data/sample-cells.ts'
import { EngineMemory } from '../wasm/engine-memory.ts'
import { AdamTables, type TablesState } from './adam-tables.ts'
import { type BatchRows, DistinctRows } from './distinct-rows.ts'
import { type SampledKernels, sampledKernels } from './kernels.ts'

export interface PairOptions {
  /** Length of an embedding, a multiple of 4. */
  factors: number
  learningRate: number
  /** Strength of `l2 / 2 * (|p_u|^2 + |q_i|^2 + |q_j|^2)` beside the loss of each pair. */
  l2: number
  negativesPerPositive: number
  /** Observed cells of a step, each with all its negatives. */
  batchCells: number
}

/** Shapes of what is fitted. */
export function pairShapes({ factors }: PairOptions, userCount: number, itemCount: number) {
  return { userFactors: [userCount, factors], itemFactors: [itemCount, factors], output: [factors] }
}

/** Of the embeddings at the start; the output's weights start at 1, where the model is plain matrix factorization. */
const startDeviation = 0.1

/**
 * Two branches of generalized matrix factorization under one pairwise loss, fitted by Adam on batches of sampled pairs:
 *
 *   s_ui = h . (p_u * q_i);  loss = sum over (u, i, j) of -ln sigma(s_ui - s_uj) + l2 / 2 (|p_u|^2 + |q_i|^2 + |q_j|^2)
 *
 * Adam moves the rows that a batch meets, and their moments; the others rest. On one thread. Equal seeds give equal bits.
 */
export class PairEngine {
  readonly #memory: EngineMemory
  readonly #kernels: SampledKernels
  readonly #ratings: CsrMatrix
  readonly #options: PairOptions
  readonly #tables: AdamTables
  readonly #seed: number
  readonly #users: DistinctRows
  readonly #items: DistinctRows
  readonly #mark: number

  private constructor(
    memory: EngineMemory,
    kernels: SampledKernels,
    ratings: CsrMatrix,
    options: PairOptions,
    seed: number,
    state: TablesState | undefined,
  ) {
    this.#memory = memory
    this.#kernels = kernels
    this.#ratings = ratings
    this.#options = options
    this.#seed = seed
    const shapes = pairShapes(options, ratings.rowCount, ratings.columnCount)
    this.#tables = new AdamTables(memory, shapes, state, (name) => startingTable(name, shapes, seed))
    this.#users = new DistinctRows(ratings.rowCount)
    this.#items = new DistinctRows(ratings.columnCount)
    this.#mark = memory.mark
  }

  static async create(
    ratings: CsrMatrix,
    options: PairOptions,
    seed: number,
    state: TablesState | undefined,
  ): Promise<PairEngine> {
    const memory = new EngineMemory()
    return new PairEngine(memory, await sampledKernels(memory.memory), ratings, options, seed, state)
  }

  /** One pass over all observed cells, a step at a time; yields each step's loss, without its L2 term, and how many there are. */
  *epoch(epoch: number): Generator<{ loss: number; steps: number }> {
    const { negativesPerPositive, batchCells } = this.#options
    const { users, items } = sampleCells(
      this.#ratings,
      negativesPerPositive,
      new Random(this.#seed, epoch, 1),
    )
    const width = 1 + negativesPerPositive
    const steps = Math.ceil(users.length / batchCells)
    for (let begin = 0; begin < users.length; begin += batchCells) {
      const end = Math.min(begin + batchCells, users.length)
      const loss = this.#update(users.subarray(begin, end), items.subarray(begin * width, end * width))
      yield { loss, steps }
    }
  }

  weights(name: keyof ReturnType<typeof pairShapes>): Float32Array {
    return this.#tables.weights(name)
  }

  state(): TablesState {
    return this.#tables.state()
  }

  /** One step of Adam on a batch of cells. */
  #update(users: Uint32Array, items: Uint32Array): number {
    const memory = this.#memory
    const kernels = this.#kernels
    const tables = this.#tables
    const { factors, l2, learningRate } = this.#options
    const stride = 4 * factors
    const pairs = pairsOf(users, items)
    const userRows = this.#users.layOut(memory, pairs.users)
    const itemRows = this.#items.layOut(memory, pairs.items)
    const user = this.#gather('userFactors', userRows)
    const item = this.#gather('itemFactors', itemRows)
    const outputGradients = this.#zeros(stride)
    const output = tables.address('output')
    const loss = kernels.differentiatePairs(
      pairs.users.length,
      userRows.places,
      itemRows.places,
      user.rows,
      user.gradients,
      item.rows,
      item.gradients,
      output,
      outputGradients,
      stride,
    )
    tables.nextStep(learningRate)
    for (const [name, { indexes, counts, count }, { gradients }] of [
      ['userFactors', userRows, user],
      ['itemFactors', itemRows, item],
    ] as const) {
      kernels.adamRows(tables.address(name), tables.moments, gradients, indexes, counts, count, stride, l2)
    }
    kernels.adam(output, tables.moments, outputGradients, stride, 0)
    memory.release(this.#mark)
    return loss
  }

  #gather(table: string, { indexes, count }: BatchRows): { rows: number; gradients: number } {
    const stride = 4 * this.#options.factors
    const rows = this.#memory.allocate(count * stride)
    this.#kernels.gatherRows(rows, this.#tables.address(table), indexes, count, stride)
    return { rows, gradients: this.#zeros(count * stride) }
  }

  #zeros(bytes: number): number {
    const address = this.#memory.allocate(bytes)
    this.#kernels.clear(address, bytes)
    return address
  }
}

/** The pairs of some cells: their users, and for each the item that is observed and one that is not. */
function pairsOf(users: Uint32Array, items: Uint32Array): { users: Uint32Array; items: Uint32Array } {
  const width = items.length / users.length
  const pairs = users.length * (width - 1)
  const pairUsers = new Uint32Array(pairs)
  const pairItems = new Uint32Array(2 * pairs)
  let pair = 0
  users.forEach((user, cell) => {
    for (let n = 1; n < width; n++, pair++) {
      pairUsers[pair] = user
      pairItems[2 * pair] = items[cell * width]
      pairItems[2 * pair + 1] = items[cell * width + n]
    }
  })
  return { users: pairUsers, items: pairItems }
}

function startingTable(name: string, shapes: Record<string, number[]>, seed: number): Float32Array {
  const length = shapes[name].reduce((product, n) => product * n, 1)
  if (name === 'output') return new Float32Array(length).fill(1)
  const random = new Random(seed, 0, Object.keys(shapes).indexOf(name) + 1)
  return Float32Array.from({ length }, () => startDeviation * random.truncatedNormal())
}
