import type { Handler } from 'hono'
import type { AppEnv } from '../env.ts'
import { listResponse } from '../list-response.ts'
import type { Versions } from '../versions.ts'

/** `GET /v1/model`: the description of the version that answers. */
export function model(versions: Versions): Handler<AppEnv> {
  return (c) =>
    versions.answer(c.env.LISTS, (lists) => listResponse(c, lists, 'public', async () => lists.meta))
}
