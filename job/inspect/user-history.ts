import { openArrow } from '../data/arrow-batches.ts'
import type { Dataset } from '../data/dataset.ts'
import { TextColumn } from '../data/text-column.ts'

/** One row of a user's, by item index. */
export interface HistoryRow {
  item: number
  weight?: number
  /** ISO 8601. */
  time?: string
}

/**
 * The index of a user, or undefined. Found in the bytes of the file of ids, whose digest is not looked at: one answer is
 * wanted soon, and a plain `inspect` compares every digest.
 */
export async function findUser(dataset: Dataset, userId: string): Promise<number | undefined> {
  if (userId === '') return undefined
  const { store, manifest, forgotten } = dataset
  const arrow = await openArrow(store, manifest.users.path)
  let before = 0
  for (let index = 0; index < arrow.batchCount; index++) {
    const data = (await arrow.read(index)).getChild('user_id')?.data[0]
    if (data === undefined) continue
    const row = new TextColumn(data).rowOf(userId)
    if (row >= 0) {
      const user = before + row
      return user < dataset.extent.users && !forgotten.includes(user) ? user : undefined
    }
    before += data.length
  }
  return undefined
}

/** Parts that are read at a time: one is looked through while others come. */
const partsAtOnce = 4

/** A user's rows in the order of import, newest last; by time where the dataset has times. */
export async function historyOf(dataset: Dataset, user: number): Promise<HistoryRow[]> {
  const { parts } = dataset.manifest
  const rows: HistoryRow[] = []
  for (let first = 0; first < parts.length; first += partsAtOnce) {
    const some = parts.slice(first, first + partsAtOnce)
    rows.push(...(await Promise.all(some.map(({ path }) => rowsOf(dataset, path, user)))).flat())
  }
  return rows.every(({ time }) => time !== undefined)
    ? rows.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : a.time === b.time ? 0 : 1))
    : rows
}

async function rowsOf({ store }: Dataset, path: string, user: number): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = []
  const arrow = await openArrow(store, path)
  for (let index = 0; index < arrow.batchCount; index++) {
    const batch = await arrow.read(index)
    const column = (name: string) => batch.getChild(name)?.data[0]?.values
    const users: Uint32Array = column('user')
    const [items, weights, times] = [column('item'), column('weight'), column('time')]
    for (let at = users.indexOf(user); at >= 0; at = users.indexOf(user, at + 1)) {
      if (at >= batch.numRows) break
      rows.push({
        item: items[at],
        ...(weights && { weight: weights[at] }),
        ...(times && { time: new Date(Number(times[at])).toISOString() }),
      })
    }
  }
  return rows
}
