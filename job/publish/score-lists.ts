import { createHash } from 'node:crypto'
import type { Data, Dictionary, Float32, Int32, List, Table, Utf8, Vector } from 'apache-arrow'
import { readArrowFile } from '../data/arrow-file.ts'
import type { Run } from '../data/run.ts'
import type { RunManifest, ScorePart } from '../data/run-manifest.ts'
import { NightjarError } from '../errors.ts'
import { forgottenRow, RowUsers } from './row-users.ts'

const fix = 'export the run again: nightjar export RUN --k 100'

/** The lists of some users, one row each, as dense item indexes. */
export interface ScoreLists {
  k: number
  /** Items in each row's list. `[rows]` */
  lengths: Uint32Array
  /** `[rows, k]`, best first; the rest of a short row is 0. */
  items: Uint32Array
  /** `[rows, k]` */
  scores: Float32Array
}

/** Reads a run's score files, one at a time, as often as it is asked to. */
export class ScoreReader {
  readonly #run: Run
  readonly #scores: NonNullable<RunManifest['scores']>
  readonly #userIds: readonly string[]
  readonly #itemIndexes: Map<string, number>

  /**
   * @param userIds of the run's dataset, by index, '' for a forgotten one; rows that name other users are refused
   * @param itemIds of the run's dataset, by index
   * @throws NightjarError NO_SCORES where the run was never exported, SCORES_INCOMPLETE where its parts do not
   *   hold every user once and in order; a forgotten one may be missing
   */
  constructor(run: Run, userIds: readonly string[], itemIds: readonly string[]) {
    const { scores } = run.manifest
    if (scores === null) {
      throw new NightjarError('NO_SCORES', {
        what: `${run.store.uri} has no lists to publish`,
        why: 'the run was trained, but not exported',
        fix: `nightjar export ${run.store.uri} --k 100`,
      })
    }
    this.#run = run
    this.#scores = scores
    this.#userIds = userIds
    this.#itemIndexes = new Map(itemIds.map((id, index) => [id, index]))
    this.#checkParts()
  }

  get k(): number {
    return this.#scores.k
  }

  /** sha256 of the parts' digests: the same for the same lists. */
  get digest(): string {
    const told = JSON.stringify(this.#scores.parts.map((part) => part.sha256))
    return createHash('sha256').update(told).digest('hex')
  }

  /**
   * The lists of the users for whom `rowOf` answers a row; for the others it answers -1.
   *
   * @throws NightjarError as `readArrowFile` for a damaged part; SCORES_USER, SCORES_ITEM where one is of another
   *   dataset; SCORES_LIST where a list is longer than k
   */
  async read(rows: number, rowOf: (userIndex: number) => number): Promise<ScoreLists> {
    const lists = emptyLists(rows, this.k)
    for (const part of this.#scores.parts) {
      const table = await readArrowFile(this.#run.store, part, ['user_id', 'item_ids', 'scores'], fix)
      this.#takePart(part, table, rowOf, lists)
    }
    return lists
  }

  /**
   * Hands over the list of every user who is not forgotten, with one part in memory at a time.
   *
   * @throws as {@link read}
   */
  async forEach(visit: (userIndex: number, items: Uint32Array, scores: Float32Array) => void): Promise<void> {
    for (const part of this.#scores.parts) {
      const rows = part.lastUser - part.firstUser + 1
      const lists = emptyLists(rows, this.k)
      const table = await readArrowFile(this.#run.store, part, ['user_id', 'item_ids', 'scores'], fix)
      this.#takePart(part, table, (userIndex) => userIndex - part.firstUser, lists)
      for (let row = 0; row < rows; row++) {
        if (this.#userIds[part.firstUser + row] === '') continue
        const start = row * this.k
        const end = start + lists.lengths[row]
        visit(part.firstUser + row, lists.items.subarray(start, end), lists.scores.subarray(start, end))
      }
    }
  }

  #takePart(part: ScorePart, table: Table, rowOf: (userIndex: number) => number, lists: ScoreLists): void {
    const users = new RowUsers(part, this.#userIds)
    for (const batch of table.batches) {
      const ids = batch.getChild('user_id') as Vector<Utf8>
      const itemLists = batch.getChild('item_ids')?.data[0] as Data<List<Dictionary<Utf8, Int32>>>
      const scoreLists = batch.getChild('scores')?.data[0] as Data<List<Float32>>
      const indexes = this.#dictionaryIndexes(part, itemLists)
      const itemKeys = itemLists.children[0]?.values as Int32Array
      const scores = scoreLists.children[0]?.values as Float32Array
      for (let r = 0; r < batch.numRows; r++) {
        const userIndex = users.next(ids.get(r))
        if (userIndex === undefined) {
          throw this.#wrong('SCORES_USER', part, `row ${r} is not of user ${users.wanted} of the dataset`)
        }
        const row = userIndex === forgottenRow ? -1 : rowOf(userIndex)
        if (row < 0) continue
        const start = itemLists.valueOffsets[r]
        const length = itemLists.valueOffsets[r + 1] - start
        const scoreStart = scoreLists.valueOffsets[r]
        if (length > lists.k || length !== scoreLists.valueOffsets[r + 1] - scoreStart) {
          throw this.#wrong(
            'SCORES_LIST',
            part,
            `row ${r} has ${length} items, want as many scores, and ${lists.k} at most`,
          )
        }
        lists.lengths[row] = length
        for (let i = 0; i < length; i++) {
          lists.items[row * lists.k + i] = indexes[itemKeys[start + i]]
          lists.scores[row * lists.k + i] = scores[scoreStart + i]
        }
      }
    }
    if (users.wanted <= part.lastUser) {
      throw this.#wrong('SCORES_INCOMPLETE', part, `ends before the list of user ${users.wanted}`)
    }
  }

  /** The item index of each entry of a part's dictionary. */
  #dictionaryIndexes(part: ScorePart, lists: Data<List<Dictionary<Utf8, Int32>>>): Uint32Array {
    const dictionary = lists.children[0]?.dictionary as Vector<Utf8> | undefined
    if (dictionary === undefined) throw this.#wrong('SCORES_LIST', part, 'item_ids has no dictionary')
    return Uint32Array.from({ length: dictionary.length }, (_, i) => {
      const itemId = dictionary.get(i)
      const index = itemId === null ? undefined : this.#itemIndexes.get(itemId)
      if (index === undefined) {
        throw this.#wrong('SCORES_ITEM', part, `the item ${JSON.stringify(itemId)} is not in the dataset`)
      }
      return index
    })
  }

  #checkParts(): void {
    let next = 0
    for (const part of this.#scores.parts) {
      const { firstUser, lastUser, rows } = part
      if (firstUser !== next) {
        throw this.#wrong('SCORES_INCOMPLETE', part, `begins at user ${firstUser}, want ${next}`)
      }
      const needed = this.#userIds.slice(firstUser, lastUser + 1).filter((id) => id !== '').length
      if (rows < needed || rows > lastUser - firstUser + 1) {
        throw this.#wrong('SCORES_INCOMPLETE', part, `has lists of ${rows} users, want ${needed}`)
      }
      next = lastUser + 1
    }
    if (next !== this.#userIds.length) {
      throw new NightjarError('SCORES_INCOMPLETE', {
        what: `${this.#run.store.uri} has lists of ${next} users, its dataset has ${this.#userIds.length}`,
        fix,
      })
    }
  }

  #wrong(code: string, part: ScorePart, what: string): NightjarError {
    return new NightjarError(code, {
      what: `${this.#run.store.uri}/${part.path}: ${what}`,
      why: 'the score files and the dataset do not belong together',
      fix,
    })
  }
}

function emptyLists(rows: number, k: number): ScoreLists {
  return {
    k,
    lengths: new Uint32Array(rows),
    items: new Uint32Array(rows * k),
    scores: new Float32Array(rows * k),
  }
}
