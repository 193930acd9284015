import type { Handler } from 'hono'
import type { History } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { mayShowHistories } from '../guard/histories.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import { listItems, type StoredList, wholeList } from '../listed-items.ts'
import { ProblemError } from '../problems.ts'
import { idOf } from '../request.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'

/** `GET /v1/users/:id/history`: a user's newest items, newest first, as the version was published with them. */
export function history(
  versions: Versions,
): Handler<
  AppEnv,
  '/v1/users/:id/history',
  { in: { param: { id: string } } },
  Promise<JsonResponse<History>>
> {
  return (c) => {
    mayShowHistories(c)
    const userId = idOf(c, 'user')
    return versions.answer(c, (lists) =>
      listResponse(c, lists, 'private', async () => {
        const [items = []] = await listItems(lists, [await historyOf(lists, userId)], wholeList)
        return { versionId: lists.meta.versionId, userId, items }
      }),
    )
  }
}

async function historyOf(lists: VersionLists, userId: string): Promise<StoredList> {
  if (lists.meta.historyMax === 0) {
    throw new ProblemError('no-histories', 'this version was published without histories')
  }
  const row = (await lists.users([userId])).get(userId)
  if (row === undefined) throw new ProblemError('unknown-user', 'the version has no user of this id')
  return { itemIds: lists.visible(row.history) }
}
