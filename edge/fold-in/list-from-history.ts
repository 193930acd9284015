import type { FoldIn } from '../descriptions.ts'
import { type ListOptions, listItems, popularList } from '../listed-items.ts'
import type { VersionLists } from '../version-lists.ts'
import { explained } from './explained.ts'

/**
 * What a history alone tells: its list by the version's fold-in component; the popular one where the version has no such
 * thing, or knows none of the history's items. Items of the history are never in it.
 *
 * @throws IncompleteVersionError
 * @throws ProblemError `too-many-lookups`; `no-fold-in` where an explanation is asked for
 */
export async function listFromHistory(
  lists: VersionLists,
  history: readonly string[],
  options: ListOptions,
  explain: boolean,
): Promise<Omit<FoldIn, 'versionId'>> {
  const component = await lists.foldIn()
  const known = component?.known(history) ?? []
  const source = known.length > 0 ? 'fold-in' : 'popular'
  // As long as users' lists are: what is not wanted is left out beforehand.
  const length = Math.min(lists.meta.items, lists.meta.k)
  const stored =
    component !== undefined && known.length > 0
      ? component.list(known, [...lists.hiddenIds, ...options.exclude], length)
      : await popularList(lists)
  const exclude = new Set([...options.exclude, ...history])
  const [items = []] = await listItems(lists, [stored], { ...options, exclude })
  return {
    source,
    recommendationId: crypto.randomUUID(),
    items: explain ? await explained(lists, known, items) : items,
  }
}
