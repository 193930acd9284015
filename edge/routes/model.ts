import type { Handler } from 'hono'
import type { BlankInput } from 'hono/types'
import type { VersionMeta } from '../../shared/version-meta.ts'
import type { AppEnv } from '../env.ts'
import { type JsonResponse, listResponse } from '../list-response.ts'
import type { Versions } from '../versions.ts'

/** `GET /v1/model`: the description of the version that answers. */
export function model(
  versions: Versions,
): Handler<AppEnv, '/v1/model', BlankInput, Promise<JsonResponse<VersionMeta>>> {
  return (c) => versions.answer(c, (lists) => listResponse(c, lists, 'public', async () => lists.meta))
}
