import { becauseMax, type ListedItem } from '../descriptions.ts'
import { ProblemError } from '../problems.ts'
import type { VersionLists } from '../version-lists.ts'

/**
 * Listed items, each with the items of a history that moved it most.
 *
 * By the weights of the version's fold-in component: the score less what it would be without the item. A user's own list
 * was made by the version's model, which scores the same history with other weights, and may weigh it otherwise.
 *
 * @throws IncompleteVersionError
 * @throws ProblemError `no-fold-in`
 */
export async function explained(
  lists: VersionLists,
  history: readonly string[],
  items: readonly ListedItem[],
): Promise<ListedItem[]> {
  const component = await lists.foldIn()
  if (component === undefined) {
    throw new ProblemError(
      'no-fold-in',
      'the version was published without the weights that explanations are made of',
    )
  }
  const itemIds = items.map(({ id }) => id)
  const moves = component.explain(component.known(history), itemIds, becauseMax)
  // What is hidden has no row, and is not named here either.
  const rows = await lists.items(moves.flatMap((ofItem) => ofItem.map(({ itemId }) => itemId)))
  return items.map((item, n) => ({
    ...item,
    because: (moves[n] ?? []).flatMap(({ itemId, share }) => {
      const row = rows.get(itemId)
      if (row === undefined) return []
      return { id: itemId, ...(row.title !== '' && { title: row.title }), share }
    }),
  }))
}
