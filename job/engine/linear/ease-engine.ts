import { type CsrMatrix, transpose } from '../../data/csr-matrix.ts'
import { NightjarError } from '../../errors.ts'
import { LinearCrew } from './crew.ts'
import { CrewRanker, type PlacedScores } from './top-rows.ts'

/** Rows of a block that is eliminated at a time, as in assembly/sweep.ts. */
const block = 64

export interface EaseOptions {
  /** Strength of `l2 * sum of squares` of B, beside the weighted sum over all cells of squared errors; no 1/2 inside. */
  l2: number
  /** Share of a user's items that the input lacks, in expectation over all ways to leave them out; 0 <= p < 1. */
  dropout: number
  /** A user of n items has a row divided by n^rowExponent. 0: who has much says as much more. */
  rowExponent: number
  /** Scores of an item that n users have are divided by n^itemExponent. */
  itemExponent: number
}

/** Told how much of the work is behind, in blocks. */
export type BlockWatch = (done: number, blocks: number) => Promise<void>

/**
 * P = (G + p / (1 - p) diag G + l2 I)^-1 in float32, with G = X^T W X, and scores from it. G is summed, inverted in its own place by
 * blocks (assembly/sweep.ts), and stays there as the table that scores are summed from: items^2 numbers, no more.
 *
 * Float32 is enough: the matrix is positive definite and l2 keeps its condition low (docs/decisions/0030).
 */
export class EaseEngine extends CrewRanker {
  readonly #items: number
  readonly #blocks: number
  /** Bytes from row to row: no multiple of a page, or all rows would meet in the same few lines of a cache. */
  readonly #stride: number
  readonly #matrix: number
  /** -1 / P_jj, times the item's discount, `[items]`; behind the items 0. */
  readonly #scale: number
  readonly #ratings: { offsets: number; items: number; raterOffsets: number; raters: number }
  readonly #options: EaseOptions
  /** Of every user. */
  readonly #lengths: Uint32Array
  /** P_jj, `[items]` */
  readonly #diagonal: Float32Array
  /** What an item's scores are multiplied by, `[items]` */
  readonly #discounts: Float64Array
  readonly #mark: number

  private constructor(crew: LinearCrew, ratings: CsrMatrix, options: EaseOptions) {
    const { memory } = crew
    super(crew)
    this.#items = ratings.columnCount
    this.#blocks = Math.ceil(this.#items / block)
    this.#stride = 4 * (this.#blocks * block + 16)
    const raters = transpose(ratings)
    this.#options = options
    this.#lengths = rowLengths(ratings)
    this.#diagonal = new Float32Array(this.#items)
    this.#discounts = Float64Array.from(rowLengths(raters), (n) => Math.max(1, n) ** -options.itemExponent)
    this.#ratings = {
      offsets: memory.place(ratings.rowOffsets),
      items: memory.place(ratings.columns),
      raterOffsets: memory.place(raters.rowOffsets),
      raters: memory.place(raters.columns),
    }
    this.#scale = memory.allocate(this.#stride)
    this.#matrix = memory.allocate(this.#blocks * block * this.#stride)
    this.#mark = memory.mark
  }

  /** @param ratings `[users, items]`: what is fitted, and whose rows are scored */
  static async create(ratings: CsrMatrix, threads: number, options: EaseOptions): Promise<EaseEngine> {
    return new EaseEngine(await LinearCrew.gather(threads), ratings, options)
  }

  /** @throws NightjarError EASE_CONDITION where float32 is too coarse for so small an l2 */
  async fit(watch: BlockWatch): Promise<void> {
    const { l2, dropout, rowExponent } = this.#options
    const crew = this.crew
    const { memory } = crew
    const matrix = this.#matrix
    const stride = this.#stride
    const blocks = this.#blocks
    const { offsets, items, raterOffsets, raters } = this.#ratings
    const weights = this.#placeWeights(rowExponent)
    crew.run('countTogether', blocks * block, 16, [
      matrix,
      stride,
      { real: l2 },
      this.#items,
      raterOffsets,
      raters,
      offsets,
      items,
      weights,
      { real: dropout / (1 - dropout) },
    ])
    const blockBytes = 4 * block * block
    const inverse = memory.allocate(blockBytes)
    const room = memory.allocate(Math.max(2 * blockBytes, 2 * blockBytes * crew.threads))
    const columns = memory.allocate(blocks * blockBytes)
    const products = memory.allocate(blocks * blockBytes)
    for (let k = 0; k < blocks; k++) {
      crew.run('pivot', 1, 1, [matrix, stride, k, inverse, room])
      crew.run('panels', blocks, 4, [matrix, stride, k, inverse, columns, products, room])
      crew.run('eliminate', blocks, 1, [matrix, stride, k, blocks, columns, products])
      await watch(k + 1, blocks)
    }
    memory.release(this.#mark)
    this.#settle(-1)
    // P is positive definite, and none of its diagonal above 1 / l2.
    const bad = this.#diagonal.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY))
    if (bad >= 0) {
      throw new NightjarError('EASE_CONDITION', {
        what: `ease with l2 ${l2}: the inverse is not positive at item ${bad}`,
        why: 'items that the same users have are told apart by l2 alone, and this one is lost in the rounding of float32',
        fix: 'take a larger l2, at least a thousandth of what the most popular item counts',
      })
    }
  }

  /** P's lower half with its diagonal, row by row, `[items (items + 1) / 2]`. */
  inverse(): Float32Array {
    const n = this.#items
    const packed = new Float32Array((n * (n + 1)) / 2)
    for (let i = 0, at = 0; i < n; at += ++i) {
      packed.set(this.#row(i).subarray(0, i), at)
      packed[at + i] = this.#diagonal[i]
    }
    return packed
  }

  /** Takes what {@link inverse} gave. */
  load(packed: Float32Array): void {
    for (let i = 0, at = 0; i < this.#items; at += ++i) {
      this.#row(i).set(packed.subarray(at, at + i + 1))
    }
    this.#settle(1)
  }

  protected place(users: Uint32Array): PlacedScores {
    const { memory } = this.crew
    const { offsets, items } = this.#ratings
    const address = memory.allocate(users.length * this.#stride)
    const words = [address, this.#matrix, this.#stride, memory.place(users), offsets, items, this.#scale]
    this.crew.run('sumItemRows', users.length, 8, words)
    return { address, rowBytes: this.#stride, items: this.#items, mark: this.#mark }
  }

  #placeWeights(exponent: number): number {
    const at = this.crew.memory.allocate(4 * this.#lengths.length)
    this.crew.memory.f32(at, this.#lengths.length).set(userWeights(this.#lengths, exponent))
    return at
  }

  /** From the lower half, times `sign`, to the whole matrix without its diagonal, and the diagonal as a scale. */
  #settle(sign: 1 | -1): void {
    const scale = this.crew.memory.f32(this.#scale, this.#stride / 4).fill(0)
    for (let i = 0; i < this.#items; i++) {
      const row = this.#row(i)
      if (sign < 0) for (let j = 0; j <= i; j++) row[j] = -row[j]
      this.#diagonal[i] = row[i]
      scale[i] = -this.#discounts[i] / row[i]
      row[i] = 0
    }
    this.crew.run('mirror', Math.ceil(this.#items / 16), 4, [this.#matrix, this.#stride, this.#items])
  }

  #row(item: number): Float32Array {
    return this.crew.memory.f32(this.#matrix + item * this.#stride, this.#items)
  }
}

function rowLengths({ rowCount, rowOffsets }: CsrMatrix): Uint32Array {
  return Uint32Array.from({ length: rowCount }, (_, row) => rowOffsets[row + 1] - rowOffsets[row])
}

/**
 * Of each user: n^(-2 exponent), times what makes the mean over all pairs 1, so that one l2 is as strong with any exponent.
 */
function userWeights(lengths: Uint32Array, exponent: number): Float32Array {
  const weights = Float64Array.from(lengths, (n) => (n === 0 ? 0 : n ** (-2 * exponent)))
  let pairs = 0
  let weight = 0
  for (const [user, n] of lengths.entries()) {
    pairs += n
    weight += n * weights[user]
  }
  return Float32Array.from(weights, (own) => (own * pairs) / weight)
}
