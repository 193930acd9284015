import type { Context, TypedResponse } from 'hono'
import type { VersionLists } from './version-lists.ts'

/**
 * Answers with what a version says, or with 304 where the client has it already.
 *
 * A version never changes, so its id is the ETag of everything that is read from it, together with what is
 * hidden, which may change; weak, because a proxy may compress the body. `body` is not called for a 304: the
 * client's copy costs no look-up.
 *
 * @param scope `private` for what is about one user
 */
export async function listResponse<T>(
  c: Context,
  { tag }: VersionLists,
  scope: 'private' | 'public',
  body: () => Promise<T>,
): Promise<JsonResponse<T>> {
  const etag = `W/"${tag}"`
  const headers = { ETag: etag, 'Cache-Control': `${scope}, max-age=30` }
  // Clients see the 200 alone: their cache answers for a 304.
  if (hasTag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers) as never
  return c.json(await body(), 200, headers) as JsonResponse<T>
}

/** Answers what nobody may keep. */
export function freshResponse<T>(c: Context, body: T): JsonResponse<T> {
  return c.json(body, 200, { 'Cache-Control': 'no-store' }) as JsonResponse<T>
}

/** A response whose body's type the client knows. */
export type JsonResponse<T> = Response & TypedResponse<T, 200, 'json'>

/** If-None-Match compares weakly: a tag with and without `W/` is the same. */
function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag))
}
