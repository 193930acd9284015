import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'
import type { Dataset } from '../../data/dataset.ts'
import { readRatings, type UserRange } from '../../data/rating-matrix.ts'
import type { Run } from '../../data/run.ts'

/** Rows of the dataset that are in memory at a time, about: 2.5 million take some 60 MB while they are sorted. */
const rowsMax = 2_500_000

/**
 * What users have, for whoever walks through them in order: the rows of some consecutive users at a time, so that memory does
 * not grow with the dataset. Each move reads the dataset once.
 */
export class HistoryWindow {
  /** Of how many users each item is, over the windows that were opened. `[items]` */
  readonly owners: Uint32Array
  readonly #dataset: Dataset
  readonly #run: Run | undefined
  readonly #size: number
  readonly #visited = new Set<number>()
  #first = 0
  #rows: CsrMatrix | undefined

  /** @param run whose rules say which rows count; without one, all do */
  constructor(dataset: Dataset, run: Run | undefined, most = rowsMax) {
    const { users, interactions, items } = dataset.manifest.counts
    this.owners = new Uint32Array(items)
    this.#dataset = dataset
    this.#run = run
    this.#size = Math.max(1, Math.min(users, Math.floor((users * most) / Math.max(1, interactions))))
  }

  covers(user: number): boolean {
    return this.#rows !== undefined && user >= this.#first && user < this.#first + this.#rows.rowCount
  }

  async moveTo(user: number): Promise<void> {
    this.#first = user - (user % this.#size)
    this.#rows = undefined
    const range = { first: this.#first, end: Math.min(this.#first + this.#size, this.#users) }
    this.#rows = await this.#read(range)
    if (this.#visited.has(this.#first)) return
    this.#visited.add(this.#first)
    const { columns } = this.#rows
    for (let i = 0; i < columns.length; i++) this.owners[columns[i]]++
  }

  /** A user's items, ascending. The window must cover the user. */
  of(user: number): Uint32Array {
    if (this.#rows === undefined) throw new RangeError(`no window at user ${user}`)
    return rowOf(this.#rows, user - this.#first)
  }

  /** Opens the windows that nobody was met in, so that `owners` is of all users. */
  async visitAll(): Promise<void> {
    for (let first = 0; first < this.#users; first += this.#size) {
      if (!this.#visited.has(first)) await this.moveTo(first)
    }
  }

  get #users(): number {
    return this.#dataset.extent.users
  }

  #read(range: UserRange): Promise<CsrMatrix> {
    return (
      this.#run?.known(this.#dataset, range) ??
      readRatings(this.#dataset, this.#dataset.extent, undefined, range)
    )
  }
}
