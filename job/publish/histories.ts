import type { Dataset, DatasetExtent } from '../data/dataset.ts'
import { allRows, counts, type RowRules } from '../data/row-rules.ts'

export const historyMax = 50

/** The newest items of some users, newest first, each once. */
export interface Histories {
  /** Items in each row's history. `[rows]` */
  lengths: Uint8Array
  /** `[rows, historyMax]` */
  items: Uint32Array
}

/** Of some users, nothing. */
export function noHistories(rows: number): Histories {
  return { lengths: new Uint8Array(rows), items: new Uint32Array(rows * historyMax) }
}

/**
 * Reads the histories of the users for whom `rowOf` answers a row; for the others it answers -1.
 *
 * Newest is by time where the dataset has times, else by the order of import; of two rows of the same time
 * the later one is newer. An item that comes twice stands where its newest row puts it.
 */
export async function readHistories(
  dataset: Dataset,
  extent: DatasetExtent,
  rows: number,
  rowOf: (userIndex: number) => number,
  rules: RowRules = allRows,
): Promise<Histories> {
  const histories = noHistories(rows)
  const timesKept = new Float64Array(rows * historyMax)
  let order = 0
  for await (const part of dataset.interactions(extent)) {
    const { users, items, times } = part
    for (let i = 0; i < users.length; i++, order++) {
      const row = rowOf(users[i])
      if (row >= 0 && counts(rules, part, i))
        remember(histories, timesKept, row, items[i], times === undefined ? order : Number(times[i]))
    }
  }
  return histories
}

/** Puts one interaction where it belongs among a row's newest, and drops what falls off the end. */
function remember(histories: Histories, times: Float64Array, row: number, item: number, time: number): void {
  const { items, lengths } = histories
  const base = row * historyMax
  const end = base + lengths[row]
  let hole = base
  while (hole < end && items[hole] !== item) hole++
  if (hole < end && times[hole] > time) return
  if (hole === base + historyMax) {
    if (times[hole - 1] > time) return
    hole--
  } else if (hole === end) {
    lengths[row]++
  }
  // What is not newer moves one place down, into the hole that the item's older row or the oldest item leaves.
  for (; hole > base && times[hole - 1] <= time; hole--) {
    items[hole] = items[hole - 1]
    times[hole] = times[hole - 1]
  }
  items[hole] = item
  times[hole] = time
}
