/** What is wrong with a file, by a stable name, with what it means. */
const meanings = {
  FILE_MISSING: 'files that the manifest names are not there',
  DIGEST_MISMATCH: 'files are not the bytes that the manifest vouches for',
  UNREADABLE: 'files cannot be read',
  STALE_VERSION: 'scores are not of the weights or the dataset that the run has now',
  MISSING_USERS: 'users of the dataset have no list',
  UNKNOWN_USERS: 'lists of users whom the dataset does not know',
  DUPLICATE_USERS: 'users have more than one list',
  USER_ORDER: 'lists do not stand in the order of the dataset',
  SEEN_ITEMS: 'lists hold items that their user has already',
  DUPLICATE_ITEMS: 'lists hold an item twice',
  UNKNOWN_ITEMS: 'lists hold items that the dataset does not know',
  SCORE_NOT_FINITE: 'lists hold a score that is NaN or infinite',
  SCORE_ORDER: 'lists are not in descending order of score',
  LIST_SHAPE: 'lists do not have one score an item, or are longer than k',
  SHORT_LISTS: 'lists are shorter than k although more items were left',
  EMPTY_LISTS: 'lists are empty although items were left',
  NULL_VALUES: 'batches hold nulls where none may be',
  WEIGHT_NOT_FINITE: 'arrays hold a number that is NaN or infinite',
  INDEX_RANGE: 'rows point outside the dictionaries',
} as const

export type FaultName = keyof typeof meanings

export interface Fault {
  name: FaultName
  /** Lists, users, files, as the name says: each once. */
  count: number
  what: string
  /** The first few, in words. */
  examples: string[]
}

const examplesMax = 3

/** Gathers faults: all are counted, a few are described. */
export class FaultLog {
  readonly #faults = new Map<FaultName, Fault>()

  /** @param example made only where it is kept */
  add(name: FaultName, example: () => string): void {
    let fault = this.#faults.get(name)
    if (fault === undefined) {
      fault = { name, count: 0, what: meanings[name], examples: [] }
      this.#faults.set(name, fault)
    }
    fault.count++
    if (fault.examples.length < examplesMax) fault.examples.push(example())
  }

  /** In the order of their meanings above: files first, then whose lists, then what is in them. */
  get faults(): Fault[] {
    const order = Object.keys(meanings)
    return [...this.#faults.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  }
}
