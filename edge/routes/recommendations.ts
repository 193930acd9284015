import type { Context, Handler } from 'hono'
import type { UserRow } from '../../shared/version-meta.ts'
import {
  type BatchRecommendations,
  type BatchRequest,
  batchBody,
  type Recommendations,
  type UserList,
  type UserListRequest,
  userListBody,
  userQueryFields,
} from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { explained } from '../fold-in/explained.ts'
import { listFromHistory } from '../fold-in/list-from-history.ts'
import { mayShowHistories } from '../guard/histories.ts'
import { freshResponse, type JsonResponse, listResponse } from '../list-response.ts'
import {
  type ListOptions,
  lengthNeeded,
  lengthOf,
  listItems,
  listOptions,
  popularList,
} from '../listed-items.ts'
import { checkedBody, idOf, jsonBody, listQuery } from '../request.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'

/** What a client writes into the query of a list. */
export interface ListQuery {
  k?: string
  offset?: string
  exclude?: string | string[]
  category?: string
}

interface UserListQuery extends ListQuery {
  explain?: 'true' | 'false'
  itemIds?: string | string[]
}

const path = '/v1/users/:id/recommendations'
type ById<Rest> = { in: { param: { id: string } } & Rest }

/** `GET /v1/users/:id/recommendations`. */
export function recommendations(
  versions: Versions,
): Handler<AppEnv, typeof path, ById<{ query: UserListQuery }>, Promise<JsonResponse<Recommendations>>> {
  return (c) => {
    const userId = idOf(c, 'user')
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const asked = listQuery(c, most, userQueryFields)
      return listResponse(c, lists, 'private', () => recommend(c, lists, userId, asked, most))
    })
  }
}

/** `POST` on the same path: what is too long for a URL. */
export function recommendationsByBody(
  versions: Versions,
): Handler<AppEnv, typeof path, ById<{ json: UserListRequest }>, Promise<JsonResponse<Recommendations>>> {
  return async (c) => {
    const userId = idOf(c, 'user')
    const body = await jsonBody(c)
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const asked = checkedBody(userListBody(most), body)
      return freshResponse(c, await recommend(c, lists, userId, asked, most))
    })
  }
}

/** `POST /v1/users/recommendations:batch`. */
export function recommendationsOfMany(
  versions: Versions,
): Handler<
  AppEnv,
  '/v1/users/recommendations:batch',
  { in: { json: BatchRequest } },
  Promise<JsonResponse<BatchRecommendations>>
> {
  return async (c) => {
    const body = await jsonBody(c)
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const { userIds, ...asked } = checkedBody(batchBody(most), body)
      const found = await userLists(lists, userIds, listOptions(asked, most))
      return freshResponse(c, { versionId: lists.meta.versionId, results: found.map(({ list }) => list) })
    })
  }
}

/**
 * A user's list. For one whom the version does not know it is made from the items in the request, where there are some.
 *
 * @throws ProblemError `key-required`, `no-fold-in` where an explanation is asked for
 */
async function recommend(
  c: Context<AppEnv>,
  lists: VersionLists,
  userId: string,
  { explain = false, itemIds = [], ...asked }: UserListRequest,
  most: number,
): Promise<Recommendations> {
  const options = listOptions(asked, most)
  if (explain) mayShowHistories(c)
  const { versionId } = lists.meta
  const [found] = await userLists(lists, [userId], options)
  const { list, row } = found as Found
  if (list.source === 'popular' && itemIds.length > 0) {
    return { versionId, userId, ...(await listFromHistory(lists, itemIds, options, explain)) }
  }
  const items = explain ? await explained(lists, row?.history ?? [], list.items) : list.items
  return { versionId, ...list, items }
}

interface Found {
  list: UserList
  /** What the version holds of the user. Its history is decoded when it is looked at, which mostly it is not. */
  row: UserRow | undefined
}

/** A list for each user, in their order; the popular one for whom the version does not know. */
async function userLists(lists: VersionLists, userIds: string[], options: ListOptions): Promise<Found[]> {
  const rows = await lists.users(userIds, lengthNeeded(options))
  const popular = userIds.every((userId) => rows.has(userId)) ? { itemIds: [] } : await popularList(lists)
  const stored = userIds.map((userId) => rows.get(userId) ?? popular)
  const items = await listItems(lists, stored, options)
  return userIds.map((userId, i) => {
    const row = rows.get(userId)
    const list: UserList = {
      userId,
      source: row === undefined ? 'popular' : 'personal',
      // Says which answer a click came from. An answer out of a cache is the same answer, and repeats it.
      recommendationId: crypto.randomUUID(),
      items: items[i] ?? [],
    }
    return { list, row }
  })
}
