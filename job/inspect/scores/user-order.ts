import type { IdColumn } from '../../data/id-column.ts'
import type { FaultLog } from '../fault.ts'
import type { ScoreFile } from './score-set.ts'

/** What {@link UserOrder.take} answers for a row that is of nobody who is known. */
export const nobody = -1

/**
 * Says of each row which user it is of, and what is wrong with the order. Rows stand in the order of the dataset, so the next
 * user is a guess that is nearly always right, and ids are looked up only where it is not.
 */
export class UserOrder {
  readonly #userIds: IdColumn
  readonly #faults: FaultLog
  readonly #listed: Uint8Array
  /** Rows that may be of forgotten users: their ids are known no more. */
  #forgottenLeft: number
  #forgotten = 0
  #indexes: Map<string, number> | undefined
  #file: ScoreFile | undefined
  #next = 0

  constructor(userIds: IdColumn, faults: FaultLog) {
    this.#userIds = userIds
    this.#faults = faults
    this.#listed = new Uint8Array(userIds.length)
    this.#forgottenLeft = userIds.forgottenCount
  }

  /** Lists of users who were forgotten since. */
  get forgotten(): number {
    return this.#forgotten
  }

  take(file: ScoreFile, userId: string): number {
    if (file !== this.#file) {
      this.#file = file
      this.#next = file.vouched?.firstUser ?? this.#next
    }
    let expected = this.#idOf(this.#next)
    while (expected === '') expected = this.#idOf(++this.#next)
    const index = expected === userId ? this.#next : this.#look(file, userId)
    if (index === nobody) return nobody
    if (this.#listed[index] === 1) {
      this.#faults.add('DUPLICATE_USERS', () => `${file.path}: user ${userId} once more`)
      return nobody
    }
    this.#listed[index] = 1
    const { firstUser = 0, lastUser = this.#userIds.length } = file.vouched ?? {}
    if (index < this.#next || index < firstUser || index > lastUser) {
      this.#faults.add('USER_ORDER', () => `${file.path}: user ${userId} is number ${index} of the dataset`)
    } else {
      this.#next = index + 1
    }
    return index
  }

  /** Counts who has no list, among the users from `first` up to `end`. */
  countMissing(first: number, end: number): void {
    for (let index = first; index < end; index++) {
      if (this.#listed[index] === 1) continue
      const id = this.#idOf(index)
      if (id !== '') this.#faults.add('MISSING_USERS', () => `user ${id}, number ${index} of the dataset`)
    }
  }

  #look(file: ScoreFile, userId: string): number {
    this.#indexes ??= this.#readIndexes()
    const index = userId === '' ? undefined : this.#indexes.get(userId)
    if (index !== undefined) return index
    if (this.#forgottenLeft > 0) {
      this.#forgottenLeft--
      this.#forgotten++
      return nobody
    }
    this.#faults.add('UNKNOWN_USERS', () => `${file.path}: user ${userId}`)
    return nobody
  }

  #idOf(index: number): string | undefined {
    return index < this.#userIds.length ? this.#userIds.at(index) : undefined
  }

  #readIndexes(): Map<string, number> {
    const indexes = new Map<string, number>()
    for (let index = 0; index < this.#userIds.length; index++) indexes.set(this.#userIds.at(index), index)
    return indexes
  }
}
