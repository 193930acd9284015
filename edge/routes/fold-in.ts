import type { Handler } from 'hono'
import { type FoldIn, type FoldInRequest, foldInBody } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { listFromHistory } from '../fold-in/list-from-history.ts'
import { freshResponse, type JsonResponse } from '../list-response.ts'
import { lengthOf, listOptions } from '../listed-items.ts'
import { checkedBody, jsonBody } from '../request.ts'
import type { Versions } from '../versions.ts'

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
