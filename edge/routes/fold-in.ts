import type { Handler } from 'hono'
import { type FoldIn, type FoldInRequest, foldInBody } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { explained } from '../fold-in/explained.ts'
import { freshResponse, type JsonResponse } from '../list-response.ts'
import { type ListOptions, listItems, listOptions } from '../listed-items.ts'
import { checkedBody, jsonBody } from '../request.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'
import { popularList } from './popular.ts'
import { lengthOf } from './recommendations.ts'

/** `POST /v1/recommendations`: a list for somebody of whom the request says everything that is known. */
export function foldIn(
  versions: Versions,
): Handler<AppEnv, '/v1/recommendations', { in: { json: FoldInRequest } }, Promise<JsonResponse<FoldIn>>> {
  return async (c) => {
    const body = await jsonBody(c)
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const { itemIds, explain = false, ...asked } = checkedBody(foldInBody(most), body)
      const list = await listFromHistory(lists, itemIds, listOptions(asked, most), explain)
      return freshResponse(c, { versionId: lists.meta.versionId, ...list })
    })
  }
}

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
