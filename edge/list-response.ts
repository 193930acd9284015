import type { Context, TypedResponse } from 'hono'
import type { AppEnv } from './env.ts'
import type { Source } from './log/trace.ts'
import type { VersionLists } from './version-lists.ts'

/**
 * Answers with what a version says, or with 304 where the client has it already.
 *
 * A version never changes, so its id is the ETag of everything that is read from it, together with what is
 * hidden, which may change; weak, because a proxy may compress the body. `body` is not called for a 304: the
 * client's copy costs no look-up.
 *
 * @param scope `private` for what is about one user; what was asked for with a key is private in any case, for a
 *   shared cache would give it to those without one
 */
export async function listResponse<T>(
  c: Context<AppEnv>,
  { tag }: VersionLists,
  scope: 'private' | 'public',
  body: () => Promise<T>,
): Promise<JsonResponse<T>> {
  const keyed = c.get('trace').key !== undefined
  const etag = `W/"${tag}"`
  const headers = { ETag: etag, 'Cache-Control': `${keyed ? 'private' : scope}, max-age=30` }
  // Clients see the 200 alone: their cache answers for a 304.
  if (hasTag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers) as never
  const found = await body()
  noteSource(c, found)
  return c.json(found, 200, headers) as JsonResponse<T>
}

/** Answers what nobody may keep. */
export function freshResponse<T, Status extends 200 | 202 = 200>(
  c: Context<AppEnv>,
  body: T,
  status = 200 as Status,
): JsonResponse<T, Status> {
  noteSource(c, body)
  return c.json(body, status, { 'Cache-Control': 'no-store' }) as JsonResponse<T, Status>
}

/** A response whose body's type the client knows. */
export type JsonResponse<T, Status extends 200 | 202 = 200> = Response & TypedResponse<T, Status, 'json'>

/** If-None-Match compares weakly: a tag with and without `W/` is the same. */
function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag))
}

/** What the items came from, for the log. An answer of many lists has one source, or is mixed. */
function noteSource(c: Context<AppEnv>, body: unknown): void {
  const { source, results } = body as { source?: Source; results?: { source: Source }[] }
  const sources = new Set(results?.map((result) => result.source))
  const [first] = sources
  c.get('trace').source = source ?? (sources.size > 1 ? 'mixed' : first)
}
