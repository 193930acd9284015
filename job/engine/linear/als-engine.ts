import { type CsrMatrix, transpose } from '../../data/csr-matrix.ts'
import { NightjarError } from '../../errors.ts'
import type { Tensor } from '../model-state.ts'
import { LinearCrew } from './crew.ts'
import { symmetricEigen } from './symmetric-eigen.ts'
import { CrewRanker, type PlacedScores } from './top-rows.ts'

export interface AlsOptions {
  factors: number
  /** Weight of an unobserved cell's square, where an observed one has 1; from above 0 to 1. */
  unobserved: number
  /** Strength of the penalty on the squares of a row of mean weight; no 1/2 inside. */
  l2: number
  /** Exponent of a row's weight, over the mean of its table, in its penalty: 0 penalizes all rows alike. */
  l2Exponent: number
}

/** Shares of a half sweep, after each of which the watch is called. */
const shares = 4

/** Rows that a thread takes at a time: solved, and turned (as in assembly/products.ts). */
const lot = 4
const turnedAtOnce = 32

/** Of the 4 GiB of a 32-bit memory, what is left to tables and ratings beside scores and rooms of the threads. */
const bytesMax = 3.5 * 2 ** 30

/** One of the two tables, and what is observed with its rows. */
interface Table {
  rows: number
  factors: number
  /** Observed cells by row: where they begin, and the other table's rows. */
  offsets: number
  observed: number
  /** Rows, those with most observed cells first: so the last ones to be taken are short. */
  order: number
  /** Penalty of each row. */
  l2: number
}

/**
 * Alternating least squares over every cell of R with weights, exactly, in float32:
 *
 *   loss = sum over observed cells of (1 - x_u y_i)^2 + unobserved * sum over all others of (x_u y_i)^2
 *        + sum over rows r of both tables of l2 (w_r / mean w)^l2Exponent |r|^2
 *
 * with w_r = observed cells of the row + unobserved * rows of the other table. What all rows of a half sweep have in common is Y^T Y. In the basis of its
 * eigenvectors it is a diagonal, whatever the row's penalty adds; what remains to be solved for a row is of the size of its
 * observed cells or of the factors, whichever is less (assembly/least-squares.ts). The model does not change when both
 * tables are turned, so they stay in that basis. docs/decisions/0031 has the cost.
 *
 * @see Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008 (weights, Y^T Y)
 * @see Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation Benchmarks, RecSys 2022
 *   (the penalty's frequency)
 */
export class AlsEngine extends CrewRanker {
  readonly #options: AlsOptions
  /** Bytes of a row of factors: whole tiles of eight. */
  readonly #stride: number
  readonly #users: Table
  readonly #items: Table
  readonly #mark: number

  private constructor(crew: LinearCrew, ratings: CsrMatrix, options: AlsOptions) {
    super(crew)
    this.#options = options
    this.#stride = 32 * Math.ceil(options.factors / 8)
    this.#users = this.#place(ratings)
    this.#items = this.#place(transpose(ratings))
    this.#mark = crew.memory.mark
  }

  /**
   * @param ratings `[users, items]`
   * @throws NightjarError FACTORS_MEMORY where both tables do not fit
   */
  static async create(ratings: CsrMatrix, options: AlsOptions, threads: number): Promise<AlsEngine> {
    const rows = ratings.rowCount + ratings.columnCount
    const bytes = rows * (32 * Math.ceil(options.factors / 8) + 12) + 8 * ratings.columns.length
    if (bytes > bytesMax) {
      throw new NightjarError('FACTORS_MEMORY', {
        what: `${ratings.rowCount} users and ${ratings.columnCount} items with ${options.factors} factors take ${(bytes / 1e9).toFixed(1)} GB`,
        why: `32-bit WebAssembly memory holds ${(bytesMax / 1e9).toFixed(1)} GB of factors and ratings`,
        fix: 'take fewer factors, or leave rare users and items out (--min-count on import)',
      })
    }
    return new AlsEngine(await LinearCrew.gather(threads), ratings, options)
  }

  /** Sets a table's factors, `[rows, factors]`. */
  load(of: 'users' | 'items', values: Float32Array): void {
    const table = this.#table(of)
    const { factors } = this.#options
    for (let r = 0; r < table.rows; r++)
      this.#row(table, r).set(values.subarray(r * factors, (r + 1) * factors))
  }

  /** A copy of a table, `[rows, factors]`. */
  factors(of: 'users' | 'items'): Tensor {
    const table = this.#table(of)
    const { factors } = this.#options
    const data = new Float32Array(table.rows * factors)
    for (let r = 0; r < table.rows; r++) data.set(this.#row(table, r), r * factors)
    return { shape: [table.rows, factors], data }
  }

  /**
   * One sweep: the best users given the items, then the best items given those users.
   *
   * @param watch called after each share of the work, from 1
   * @returns the loss without its penalties
   */
  async sweep(watch: (share: number, shares: number) => Promise<void>): Promise<number> {
    await this.#solve(this.#users, this.#items, (share) => watch(share, 2 * shares))
    return this.#solve(this.#items, this.#users, (share) => watch(shares + share, 2 * shares))
  }

  protected place(users: Uint32Array): PlacedScores {
    const { memory } = this.crew
    const items = this.#items.rows
    const wide = 4 * Math.ceil(items / 4)
    const address = memory.allocate(4 * users.length * wide)
    this.crew.run('scoresOfTables', users.length, 16, [
      address,
      4 * wide,
      memory.place(users),
      this.#users.factors,
      this.#items.factors,
      wide,
      this.#stride,
    ])
    return { address, rowBytes: 4 * wide, items, mark: this.#mark }
  }

  /** The best rows of `table`, the other one given; both end in the basis of the other's eigenvectors. */
  async #solve(table: Table, other: Table, watch: (share: number) => Promise<void>): Promise<number> {
    const { memory, threads } = this.crew
    const stride = this.#stride
    const width = stride / 4
    const eigenvalues = this.#turn(other)
    const losses = memory.allocate(4 * table.rows)
    // As assembly/least-squares.ts lays it out.
    const roomBytes = (Math.max(width, 64) + width + 3) * stride
    const room = memory.allocate(threads * roomBytes)
    for (let share = 1; share <= shares; share++) {
      const begin = Math.floor((table.rows * (share - 1)) / shares)
      const end = Math.floor((table.rows * share) / shares)
      this.crew.run('solveRows', end - begin, lot, [
        table.factors,
        stride,
        other.factors,
        table.offsets,
        table.observed,
        table.order + 4 * begin,
        eigenvalues,
        table.l2,
        { real: this.#options.unobserved },
        room,
        roomBytes,
        losses,
      ])
      await watch(share)
    }
    const loss = memory.f32(losses, table.rows).reduce((sum, row) => sum + row, 0)
    memory.release(this.#mark)
    return loss
  }

  /** Turns a table into the basis in which its Gram matrix is a diagonal, and returns where that stands. */
  #turn(table: Table): number {
    const crew = this.crew
    const { memory } = crew
    const stride = this.#stride
    const width = stride / 4
    const { factors } = this.#options
    const eigenvalues = memory.allocate(stride)
    const basis = memory.allocate(width * stride)
    const room = memory.allocate(crew.threads * turnedAtOnce * stride)
    crew.run('gramOfTable', width / 4, 8, [basis, table.factors, table.rows, stride])
    const gram = memory.f32(basis, width * width)
    const matrix = new Float64Array(factors * factors)
    for (let i = 0; i < factors; i++) {
      for (let j = i; j < factors; j++)
        matrix[i * factors + j] = matrix[j * factors + i] = gram[i * width + j]
    }
    const { values, vectors } = symmetricEigen(matrix, factors)
    // Rounding may leave a zero slightly below it.
    memory
      .f32(eigenvalues, width)
      .fill(0)
      .set(values.map((value) => Math.max(0, value)))
    gram.fill(0)
    for (let j = 0; j < factors; j++) {
      for (let k = 0; k < factors; k++) gram[j * width + k] = vectors[k * factors + j]
    }
    crew.run('turnTable', table.rows, turnedAtOnce, [table.factors, basis, factors, stride, room])
    return eigenvalues
  }

  #place({ rowCount, columnCount, rowOffsets, columns }: CsrMatrix): Table {
    const { memory } = this.crew
    const { unobserved, l2, l2Exponent } = this.#options
    const count = (row: number) => rowOffsets[row + 1] - rowOffsets[row]
    const order = Uint32Array.from({ length: rowCount }, (_, row) => row)
    order.sort((a, b) => count(b) - count(a) || a - b)
    const table = {
      rows: rowCount,
      // Scores are computed four items at a time.
      factors: memory.allocate(4 * Math.ceil(rowCount / 4) * this.#stride),
      offsets: memory.place(rowOffsets),
      observed: memory.place(columns),
      order: memory.place(order),
      l2: memory.allocate(4 * rowCount),
    }
    const penalties = memory.f32(table.l2, rowCount)
    const mean = columns.length / rowCount + unobserved * columnCount
    for (let row = 0; row < rowCount; row++) {
      penalties[row] = l2 * ((count(row) + unobserved * columnCount) / mean) ** l2Exponent
    }
    return table
  }

  #table(of: 'users' | 'items'): Table {
    return of === 'users' ? this.#users : this.#items
  }

  #row(table: Table, row: number): Float32Array {
    return this.crew.memory.f32(table.factors + row * this.#stride, this.#options.factors)
  }
}
