import type { Handler } from 'hono'
import { lengthMax, type Popular } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import { listItems, listOptions, popularList } from '../listed-items.ts'
import { listQuery } from '../request.ts'
import type { Versions } from '../versions.ts'
import type { ListQuery } from './recommendations.ts'

/** `GET /v1/popular`: the items that most users have. */
export function popular(
  versions: Versions,
): Handler<AppEnv, '/v1/popular', { in: { query: ListQuery } }, Promise<JsonResponse<Popular>>> {
  return (c) => {
    const options = listOptions(listQuery(c, lengthMax), lengthMax)
    return versions.answer(c, (lists) =>
      listResponse(c, lists, 'public', async () => {
        const [items = []] = await listItems(lists, [await popularList(lists)], options)
        return { versionId: lists.meta.versionId, source: 'popular' as const, items }
      }),
    )
  }
}
