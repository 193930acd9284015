import type { Handler } from 'hono'
import type { BlankInput } from 'hono/types'
import type { Examples } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { mayShowHistories } from '../guard/histories.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import type { Versions } from '../versions.ts'

const exampleCount = 5

/** `GET /v1/examples`: a few users of the version, for who wants to look at some list. */
export function examples(
  versions: Versions,
): Handler<AppEnv, '/v1/examples', BlankInput, Promise<JsonResponse<Examples>>> {
  return (c) => {
    // Ids of users are theirs, as their histories are.
    mayShowHistories(c)
    return versions.answer(c, (lists) =>
      listResponse(c, lists, 'private', async () => ({
        versionId: lists.meta.versionId,
        userIds: await lists.someUserIds(exampleCount),
      })),
    )
  }
}
