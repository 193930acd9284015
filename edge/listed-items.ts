import { type ListedItem, type ListRequest, lengthMax } from './descriptions.ts'
import type { VersionLists } from './version-lists.ts'

const usualLength = 10

/** Of an item that a list holds and the catalogue does not. */
const noFacts = { title: '', category: '' }

/** A list as a version holds it, best first. */
export interface StoredList {
  itemIds: readonly string[]
  /** Matched with `itemIds`; popular lists have none. */
  scores?: readonly number[]
}

/** The list for whom nothing is known of. */
export async function popularList(lists: VersionLists): Promise<StoredList> {
  return { itemIds: (await lists.popular()).map(({ itemId }) => itemId) }
}

/** The longest list that a version answers. */
export const lengthOf = ({ meta }: VersionLists) => Math.min(lengthMax, meta.k)

/** Which of a list's items are wanted. */
export interface ListOptions {
  k: number
  offset: number
  exclude: ReadonlySet<string>
  /** '' is an item without one; undefined is any. */
  category: string | undefined
}

/** All of a list, whatever its length. */
export const wholeList: ListOptions = {
  k: Number.POSITIVE_INFINITY,
  offset: 0,
  exclude: new Set(),
  category: undefined,
}

/** @param most the longest list that may be asked for */
export function listOptions(asked: ListRequest, most: number): ListOptions {
  return {
    k: asked.k ?? Math.min(usualLength, most),
    offset: asked.offset ?? 0,
    exclude: new Set(asked.exclude),
    category: asked.category,
  }
}

/** How much of a stored list decides what is answered of it. */
export function lengthNeeded({ k, offset, exclude, category }: ListOptions): number {
  return category === undefined ? offset + k + exclude.size : Number.POSITIVE_INFINITY
}

/**
 * What is answered of some stored lists. Every list that is answered goes through here, so what must never be
 * answered is left out here.
 *
 * All that is left out is left out before `offset` and `k` count, so that k items come as long as the list holds
 * them. Without a category only the items that are answered are looked up, with one all of them; either way a
 * bucket that several lists need is read once.
 *
 * @throws IncompleteVersionError
 * @throws ProblemError `too-many-lookups`
 */
export async function listItems(
  lists: VersionLists,
  stored: readonly StoredList[],
  { k, offset, exclude, category }: ListOptions,
): Promise<ListedItem[][]> {
  const page = <T>(entries: T[]) => entries.slice(offset, offset + k)
  const wanted = stored.map(({ itemIds, scores }) => {
    const entries: { id: string; score: number | undefined }[] = []
    const enough = category === undefined ? offset + k : itemIds.length
    for (let rank = 0; rank < itemIds.length && entries.length < enough; rank++) {
      const id = itemIds[rank] as string
      if (!exclude.has(id)) entries.push({ id, score: scores?.[rank] })
    }
    return category === undefined ? page(entries) : entries
  })
  const known = await lists.items(wanted.flatMap((entries) => entries.map(({ id }) => id)))
  return wanted.map((entries) => {
    const rows = entries.map(({ id, score }): ListedItem => {
      const { title, category: itsCategory } = known.get(id) ?? noFacts
      const row: ListedItem = { id }
      if (title !== '') row.title = title
      if (itsCategory !== '') row.category = itsCategory
      if (score !== undefined) row.score = score
      return row
    })
    return category === undefined ? rows : page(rows.filter((row) => (row.category ?? '') === category))
  })
}
