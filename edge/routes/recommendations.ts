import type { Handler } from 'hono'
import {
  type BatchRecommendations,
  type BatchRequest,
  batchBody,
  type ListRequest,
  lengthMax,
  listBody,
  type Recommendations,
  type UserList,
} from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { freshResponse, type JsonResponse, listResponse } from '../list-response.ts'
import { type ListOptions, lengthNeeded, listItems, listOptions } from '../listed-items.ts'
import { checkedBody, idOf, jsonBody, listQuery } from '../request.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'
import { popularList } from './popular.ts'

/** What a client writes into the query of a list. */
export interface ListQuery {
  k?: string
  offset?: string
  exclude?: string | string[]
  category?: string
}

const path = '/v1/users/:id/recommendations'
type ById<Rest> = { in: { param: { id: string } } & Rest }

/** `GET /v1/users/:id/recommendations`. */
export function recommendations(
  versions: Versions,
): Handler<AppEnv, typeof path, ById<{ query: ListQuery }>, Promise<JsonResponse<Recommendations>>> {
  return (c) => {
    const userId = idOf(c, 'user')
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const options = listOptions(listQuery(c, most), most)
      return listResponse(c, lists, 'private', () => recommend(lists, userId, options))
    })
  }
}

/** `POST` on the same path: what is too long for a URL. */
export function recommendationsByBody(
  versions: Versions,
): Handler<AppEnv, typeof path, ById<{ json: ListRequest }>, Promise<JsonResponse<Recommendations>>> {
  return async (c) => {
    const userId = idOf(c, 'user')
    const body = await jsonBody(c)
    return versions.answer(c, async (lists) => {
      const most = lengthOf(lists)
      const options = listOptions(checkedBody(listBody(most), body), most)
      return freshResponse(c, await recommend(lists, userId, options))
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
      const results = await userLists(lists, userIds, listOptions(asked, most))
      return freshResponse(c, { versionId: lists.meta.versionId, results })
    })
  }
}

/** The longest list that the version answers. */
const lengthOf = ({ meta }: VersionLists) => Math.min(lengthMax, meta.k)

async function recommend(
  lists: VersionLists,
  userId: string,
  options: ListOptions,
): Promise<Recommendations> {
  const [found] = await userLists(lists, [userId], options)
  return { versionId: lists.meta.versionId, ...(found as UserList) }
}

/** A list for each user, in their order; the popular one for whom the version does not know. */
async function userLists(lists: VersionLists, userIds: string[], options: ListOptions): Promise<UserList[]> {
  const rows = await lists.users(userIds, lengthNeeded(options))
  const popular = userIds.every((userId) => rows.has(userId)) ? { itemIds: [] } : await popularList(lists)
  const stored = userIds.map((userId) => rows.get(userId) ?? popular)
  const items = await listItems(lists, stored, options)
  return userIds.map((userId, i) => ({
    userId,
    source: rows.has(userId) ? 'personal' : 'popular',
    // Says which answer a click came from. An answer out of a cache is the same answer, and repeats it.
    recommendationId: crypto.randomUUID(),
    items: items[i] ?? [],
  }))
}
