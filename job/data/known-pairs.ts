import { NightjarError } from '../errors.ts'
import { type CsrMatrix, csrFromPairs } from './csr-matrix.ts'
import type { Dataset, DatasetExtent } from './dataset.ts'
import { forEachPair } from './pair-rows.ts'

/** User and item pairs of a file, as far as a dataset knows their ids. */
export interface KnownPairs {
  /** `[users, items]` */
  pairs: CsrMatrix
  /** Per user, distinct items of the file that the dataset does not know. */
  unknownItems: Uint32Array
  counts: {
    rows: number
    /** Distinct pairs of known users and items. */
    pairs: number
    /** Rows of users that the dataset does not know: nothing can be said of them. */
    rowsOfUnknownUsers: number
    rowsOfUnknownItems: number
  }
  /** The counts as a line for people. */
  describe(label: string): string
}

/**
 * Reads pairs from a file in any format that import reads.
 *
 * @throws NightjarError PAIRS_BAD_ROW naming file, line and column; PAIRS_UNKNOWN where no user is known
 */
export async function readKnownPairs(
  uri: string,
  dataset: Dataset,
  extent: DatasetExtent,
  signal?: AbortSignal,
): Promise<KnownPairs> {
  const userIndexes = indexById(await dataset.userIds(extent))
  const itemIndexes = indexById((await dataset.items(extent)).ids)
  const users: number[] = []
  const items: number[] = []
  const unknownItems = new Map<number, Set<string>>()
  const counts = { rows: 0, pairs: 0, rowsOfUnknownUsers: 0, rowsOfUnknownItems: 0 }
  await forEachPair(uri, signal, (userId, itemId) => {
    counts.rows++
    const user = userIndexes.get(userId)
    const item = itemIndexes.get(itemId)
    if (user === undefined) {
      counts.rowsOfUnknownUsers++
    } else if (item === undefined) {
      counts.rowsOfUnknownItems++
      const own = unknownItems.get(user) ?? new Set()
      unknownItems.set(user, own.add(itemId))
    } else {
      users.push(user)
      items.push(item)
    }
  })
  if (counts.rows === counts.rowsOfUnknownUsers) {
    throw new NightjarError('PAIRS_UNKNOWN', {
      what: `${uri}: ${counts.rows} rows, and not one of their users is in ${dataset.store.uri}`,
      why: 'the file belongs to another dataset, or names users in another way',
    })
  }
  const pairs = csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), extent.users, extent.items)
  counts.pairs = pairs.columns.length
  return {
    pairs,
    unknownItems: Uint32Array.from({ length: extent.users }, (_, user) => unknownItems.get(user)?.size ?? 0),
    counts,
    describe(label) {
      const unknown = [
        counts.rowsOfUnknownUsers > 0 && `${counts.rowsOfUnknownUsers} rows of unknown users left out`,
        counts.rowsOfUnknownItems > 0 &&
          `${counts.rowsOfUnknownItems} rows of unknown items can never be hit`,
      ].filter(Boolean)
      return [`${label}: ${counts.rows} rows, ${counts.pairs} distinct pairs`, ...unknown].join('; ')
    },
  }
}

function indexById(ids: readonly string[]): Map<string, number> {
  const indexes = new Map(ids.map((id, index) => [id, index]))
  // It stands for forgotten users, and is nobody's id.
  indexes.delete('')
  return indexes
}
