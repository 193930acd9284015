/** What {@link RowUsers.next} answers for a row of a user who is forgotten by now. */
export const forgottenRow = -1

/**
 * Says of each row of a score part, in order, which user it is of.
 *
 * The part may have been written before some of its users were forgotten, or after. Their ids are known no more
 * then, so a row that is not of the next user who is there is taken for one of the forgotten in between.
 */
export class RowUsers {
  readonly #userIds: readonly string[]
  readonly #end: number
  #next: number

  /** @param userIds by index, '' for a forgotten one */
  constructor({ firstUser, lastUser }: { firstUser: number; lastUser: number }, userIds: readonly string[]) {
    this.#userIds = userIds
    this.#end = lastUser + 1
    this.#next = firstUser
  }

  /** The index of the next user who is there. */
  get wanted(): number {
    let index = this.#next
    while (index < this.#end && this.#userIds[index] === '') index++
    return index
  }

  /** The user of the next row, {@link forgottenRow}, or undefined where the row is of nobody. */
  next(userId: string | null): number | undefined {
    const index = this.wanted
    if (index < this.#end && this.#userIds[index] === userId) {
      this.#next = index + 1
      return index
    }
    if (this.#next === index) return undefined
    this.#next++
    return forgottenRow
  }
}
