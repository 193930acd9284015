import type { RecordBatch } from 'apache-arrow'
import { type ArrowBatches, openArrow } from '../../data/arrow-batches.ts'
import { type Catalogue, type ScoreBatch, scoreBatch } from '../../export/score-batch.ts'
import type { ScoreSet } from './score-set.ts'

/** Rows of a batch that a place can name. */
const rowsMax = 1 << 24

/**
 * Lists by user, for who asks for users in about the order of the files: places of all users are in memory, and one batch.
 */
export class ListFinder {
  readonly #catalogue: Catalogue
  readonly #batches: { file: ArrowBatches; index: number }[] = []
  /** Batch and row of each user, as one number. */
  readonly #places = new Map<string, number>()
  #open: { number: number; batch: ScoreBatch } | undefined

  private constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue
  }

  /** @throws NightjarError where a file cannot be read */
  static async open(set: ScoreSet, catalogue: Catalogue): Promise<ListFinder> {
    const finder = new ListFinder(catalogue)
    for (const { path } of set.files) {
      const file = await openArrow(set.store, path)
      for (let index = 0; index < file.batchCount; index++) finder.#index(await file.read(index), file, index)
    }
    return finder
  }

  get userCount(): number {
    return this.#places.size
  }

  /** A user's items, best first; undefined where there is no list. A promise only where another batch must be read. */
  find(userId: string): Uint32Array | undefined | Promise<Uint32Array | undefined> {
    const place = this.#places.get(userId)
    if (place === undefined) return undefined
    const number = Math.floor(place / rowsMax)
    const row = place % rowsMax
    return this.#open?.number === number ? listAt(this.#open.batch, row) : this.#findIn(number, row)
  }

  async #findIn(number: number, row: number): Promise<Uint32Array> {
    this.#open = undefined
    const { file, index } = this.#batches[number]
    const batch = scoreBatch(await file.read(index), this.#catalogue)
    this.#open = { number, batch }
    return listAt(batch, row)
  }

  #index(record: RecordBatch, file: ArrowBatches, index: number): void {
    const { rows, userIds } = scoreBatch(record, this.#catalogue)
    const first = this.#batches.length * rowsMax
    this.#batches.push({ file, index })
    for (let row = 0; row < rows; row++) this.#places.set(userIds.at(row), first + row)
  }
}

function listAt({ offsets, items }: ScoreBatch, row: number): Uint32Array {
  return items.subarray(offsets[row], offsets[row + 1])
}
