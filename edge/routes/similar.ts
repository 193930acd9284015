import type { Handler } from 'hono'
import { similarAnswered } from '../../shared/item-bucket.ts'
import type { SimilarItems } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import { listItems, listOptions } from '../listed-items.ts'
import { ProblemError } from '../problems.ts'
import { idOf, listQuery } from '../request.ts'
import type { Versions } from '../versions.ts'
import type { ListQuery } from './recommendations.ts'

/** `GET /v1/items/:id/similar`: what the users of an item have as well. */
export function similar(
  versions: Versions,
): Handler<
  AppEnv,
  '/v1/items/:id/similar',
  { in: { param: { id: string }; query: ListQuery } },
  Promise<JsonResponse<SimilarItems>>
> {
  return (c) => {
    const id = idOf(c, 'item')
    const options = listOptions(listQuery(c, similarAnswered), similarAnswered)
    return versions.answer(c, async (lists) => {
      // Before anything is said of what the client has, as for the item itself.
      const stored = await lists.similar(id)
      if (stored === undefined) throw new ProblemError('unknown-item', 'the version has no item of this id')
      return listResponse(c, lists, 'public', async () => {
        const [items = []] = await listItems(lists, [stored], options)
        return { versionId: lists.meta.versionId, id, items }
      })
    })
  }
}
