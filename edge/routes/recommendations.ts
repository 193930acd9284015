import type { Context, Handler } from 'hono'
import type { AppEnv } from '../env.ts'
import { lengthMax, listLength } from '../list-length.ts'
import { listResponse } from '../list-response.ts'
import { ProblemError } from '../problems.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'
import { type ListedItem, popularList } from './popular.ts'

/** What `GET /v1/users/:id/recommendations` answers. */
interface Recommendations {
  versionId: string
  userId: string
  /** `popular` for a user whom the version does not know. */
  source: 'personal' | 'popular'
  /** Best first. */
  items: ListedItem[]
}

export function recommendations(versions: Versions): Handler<AppEnv> {
  return (c) => {
    const userId = userIdOf(c)
    return versions.answer(c.env.LISTS, async (lists) => {
      const k = listLength(c, Math.min(lengthMax, lists.kMax))
      return listResponse(c, lists, 'private', () => recommend(lists, userId, k))
    })
  }
}

async function recommend(lists: VersionLists, userId: string, k: number): Promise<Recommendations> {
  const { versionId } = lists.meta
  const row = await lists.user(userId)
  if (row === undefined) {
    return { versionId, userId, source: 'popular', items: await popularList(lists, k) }
  }
  const itemIds = row.itemIds.slice(0, k)
  const known = await lists.items(itemIds)
  const items = itemIds.map((id, i): ListedItem => {
    const title = known.get(id)?.title ?? ''
    const score = row.scores[i] as number
    return title === '' ? { id, score } : { id, title, score }
  })
  return { versionId, userId, source: 'personal', items }
}

/**
 * The user id from the URL: one path segment, percent-encoded UTF-8. The ids `.` and `..` cannot be asked for:
 * a URL has no way to write them as a segment.
 *
 * Read from the URL itself, because a router's parameter has been decoded by rules of the router's own.
 *
 * @throws ProblemError `invalid-user-id`
 */
function userIdOf(c: Context): string {
  const segment = new URL(c.req.url).pathname.split('/')[3] ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ProblemError(
      'invalid-user-id',
      `invalid user id: ${segment.slice(0, 50)} (want percent-encoded UTF-8, as encodeURIComponent writes it)`,
    )
  }
}
