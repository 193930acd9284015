import type { Context, Handler } from 'hono'
import type { BlankInput } from 'hono/types'
import type { Live, Ready } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { freshResponse, type JsonResponse } from '../list-response.ts'
import type { Versions } from '../versions.ts'

/** The worker runs; it says nothing of the lists. */
export function live(c: Context<AppEnv>): JsonResponse<Live> {
  return freshResponse(c, { status: 'live' })
}

/** The worker has lists to answer from; a 503 problem where it has none. */
export function ready(
  versions: Versions,
  now: () => number,
): Handler<AppEnv, '/health/ready', BlankInput, Promise<JsonResponse<Ready>>> {
  return (c) =>
    versions.answer(c, async ({ meta }, { publishedAt }) => {
      const ageSeconds = Math.max(0, Math.round((now() - Date.parse(meta.trainedAt)) / 1000))
      return freshResponse(c, { status: 'ready', versionId: meta.versionId, publishedAt, ageSeconds })
    })
}
