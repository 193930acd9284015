import type { Context } from 'hono'
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
export async function listResponse(
  c: Context,
  { tag }: VersionLists,
  scope: 'private' | 'public',
  body: () => Promise<unknown>,
): Promise<Response> {
  const etag = `W/"${tag}"`
  const headers = { ETag: etag, 'Cache-Control': `${scope}, max-age=30` }
  if (hasTag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers)
  return c.body(JSON.stringify(await body()), 200, { ...headers, 'Content-Type': 'application/json' })
}

/** If-None-Match compares weakly: a tag with and without `W/` is the same. */
function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag))
}
