import type { Handler } from 'hono'
import type { BlankInput } from 'hono/types'
import type { VersionsInUse } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { freshResponse, type JsonResponse } from '../list-response.ts'
import type { Versions } from '../versions.ts'

/** `GET /v1/versions`: the version that answers, beside the other one that could. */
export function versionsInUse(
  versions: Versions,
): Handler<AppEnv, '/v1/versions', BlankInput, Promise<JsonResponse<VersionsInUse>>> {
  return (c) =>
    versions.answer(c, async ({ meta }, { current, previous, pinned, publishedAt }) => {
      const other = meta.versionId === current ? previous : null
      const before = other === null ? undefined : await versions.describe(c, other)
      return freshResponse(c, {
        current: meta,
        ...(before !== undefined && { previous: before }),
        ...(pinned !== null && { pinned }),
        publishedAt,
      })
    })
}
