import type { Handler } from 'hono'
import type { Item } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import { ProblemError } from '../problems.ts'
import { idOf } from '../request.ts'
import type { Versions } from '../versions.ts'

/** `GET /v1/items/:id`: what the version knows of an item. */
export function item(
  versions: Versions,
): Handler<AppEnv, '/v1/items/:id', { in: { param: { id: string } } }, Promise<JsonResponse<Item>>> {
  return (c) => {
    const id = idOf(c, 'item')
    return versions.answer(c, async (lists) => {
      // Before anything is said of what the client has: `If-None-Match: *` must not get 304 for an item that isn't there.
      const row = (await lists.items([id])).get(id)
      if (row === undefined) throw new ProblemError('unknown-item', 'the version has no item of this id')
      const { title, category, count } = row
      return listResponse(c, lists, 'public', async () => ({
        versionId: lists.meta.versionId,
        id,
        ...(title !== '' && { title }),
        ...(category !== '' && { category }),
        count,
      }))
    })
  }
}
