import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { type CsrMatrix, csrFromPairs, intersection, union, without } from '../../data/csr-matrix.ts'
import { forEachPair } from '../../data/pair-rows.ts'
import { NightjarError } from '../../errors.ts'
import type { HeldOut } from '../../evaluate/evaluate.ts'
import { openStore } from '../../store/open-store.ts'
import { joinPlace, schemeOf, splitPlace } from '../../store/place.ts'

/** A folder of train.csv, validation.csv and test.csv, as the paper's splits and `nightjar split` have them. */
export interface SplitFolder {
  /** The folder's own name: configs/ and the report call it so. */
  name: string
  /** sha256 of the three files' sha256. */
  digest: string
  /** What models are fitted on, and what no list may hold: the rows of validation are in it. `[users, items]` */
  train: CsrMatrix
  /** `[users, items]` */
  validation: CsrMatrix
  test: Required<HeldOut>
  counts: SplitCounts
}

interface SplitCounts {
  /** Distinct ids in all three files. */
  users: number
  items: number
  /** Rows of train, of validation that are not in train, and of test: what the paper's table 2 counts. */
  rows: number
  /** Of those, distinct pairs. */
  pairs: number
  /** Users with a test row: all means are over them. */
  testUsers: number
  /** Distinct test pairs that also stand in train: no list can hold them, and recall counts them all the same. */
  knownTestPairs: number
  /** Users of test without a row in train: nothing of theirs is counted as hit. */
  unknownUsers: number
  /** Distinct items of test that train does not know: they cannot be hit. */
  unknownItems: number
  /** Rows of validation that train lacks. They belong to it, and are added. */
  addedRows: number
}

/** A file's rows as ids, side by side. */
interface Rows {
  users: string[]
  items: string[]
  sha256: string
}

const fix = 'nightjar split DATASET --out FOLDER writes such a folder'

/**
 * Reads a split. Ids may be any texts. Known ones are numbered in ascending order: as numbers where all of them are whole
 * numbers, so that of equal scores the lower id comes first. Repeated rows are folded.
 *
 * @throws NightjarError SPLIT_FILE, SPLIT_COLUMN, SPLIT_EMPTY; PAIRS_BAD_ROW naming file, line and column
 */
export async function readSplitFolder(place: string, signal?: AbortSignal): Promise<SplitFolder> {
  const train = await readRows(place, 'train.csv', signal)
  const validation = await readRows(place, 'validation.csv', signal)
  const test = await readRows(place, 'test.csv', signal)
  for (const [name, { users }] of [['train.csv', train] as const, ['test.csv', test] as const]) {
    if (users.length > 0) continue
    throw new NightjarError('SPLIT_EMPTY', {
      what: `${joinPlace(place, name)} has a header and no rows`,
      why: name === 'test.csv' ? 'nothing is left to be found' : 'nothing is left to learn from',
      fix,
    })
  }
  const users = numbered([...train.users, ...validation.users])
  const items = numbered([...train.items, ...validation.items])
  const knownUsers = users.size
  // Behind the known ones, with an empty row: they count in the means.
  for (const id of inOrder(new Set(test.users))) if (!users.has(id)) users.set(id, users.size)

  const unknown = new Map<number, Set<string>>()
  const isKnown = test.users.map((id, row) => {
    const user = users.get(id) as number
    const known = user < knownUsers && items.has(test.items[row])
    if (!known) unknown.set(user, (unknown.get(user) ?? new Set()).add(test.items[row]))
    return known
  })
  const matrix = (rows: Rows, keep: (row: number) => boolean = () => true) => {
    const kept = rows.users.map((_, row) => row).filter(keep)
    const indexes = (ids: string[], by: Map<string, number>) =>
      Uint32Array.from(kept, (row) => by.get(ids[row]) as number)
    return csrFromPairs(indexes(rows.users, users), indexes(rows.items, items), users.size, items.size)
  }
  const written = matrix(train)
  const heldBack = matrix(validation)
  const fitted = union(written, heldBack)
  const pairs = matrix(test, (row) => isKnown[row])
  const unknownItems = Uint32Array.from({ length: users.size }, (_, user) => unknown.get(user)?.size ?? 0)
  const known = intersection(pairs, fitted).columns.length
  const unknownPairs = unknownItems.reduce((sum, count) => sum + count, 0)
  const addedRows = without(heldBack, written).columns.length
  const strangeItems = new Set(test.items.filter((id) => !items.has(id)))
  return {
    name: splitPlace(schemeOf(place) === undefined ? resolve(place) : place.replace(/\/+$/, '')).name,
    digest: createHash('sha256')
      .update([train, validation, test].map(({ sha256 }) => sha256).join(' '))
      .digest('hex'),
    train: fitted,
    validation: heldBack,
    test: { pairs, unknownItems },
    counts: {
      users: users.size,
      items: items.size + strangeItems.size,
      rows: train.users.length + addedRows + test.users.length,
      pairs: fitted.columns.length + pairs.columns.length + unknownPairs - known,
      testUsers: new Set(test.users).size,
      knownTestPairs: known,
      unknownUsers: users.size - knownUsers,
      unknownItems: strangeItems.size,
      addedRows,
    },
  }
}

/** @throws NightjarError SPLIT_FILE, SPLIT_COLUMN, PAIRS_BAD_ROW */
async function readRows(place: string, name: string, signal?: AbortSignal): Promise<Rows> {
  const file = joinPlace(place, name)
  const size = await openStore(place).size(name)
  if (!size) {
    const held = (await openStore(place).list()).map(({ key }) => key)
    throw new NightjarError('SPLIT_FILE', {
      what: size === 0 ? `${file} is empty (0 bytes)` : `no such file: ${file}`,
      why: `a split has train.csv, validation.csv and test.csv; ${place} holds ${held.slice(0, 6).join(', ') || 'nothing'}${held.length > 6 ? ', ...' : ''}`,
      fix,
    })
  }
  const rows: Rows = { users: [], items: [], sha256: '' }
  try {
    rows.sha256 = await forEachPair(file, signal, (userId, itemId) => {
      rows.users.push(userId)
      rows.items.push(itemId)
    })
  } catch (error) {
    if (!(error instanceof NightjarError) || error.code !== 'MISSING_COLUMN') throw error
    throw new NightjarError('SPLIT_COLUMN', {
      what: error.message,
      why: 'a file of a split begins with the header user_id,item_id',
      fix: 'give it that header, or name its columns so',
      cause: error,
    })
  }
  return rows
}

/** Ids by index. */
function numbered(ids: readonly string[]): Map<string, number> {
  return new Map(inOrder(new Set(ids)).map((id, index) => [id, index]))
}

function inOrder(ids: Set<string>): string[] {
  const all = [...ids]
  if (all.every((id) => /^(0|[1-9]\d{0,14})$/.test(id))) return all.sort((a, b) => Number(a) - Number(b))
  return all.sort((a, b) => (a < b ? -1 : 1))
}
