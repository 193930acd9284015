import type { Handler } from 'hono'
import type { AppEnv } from '../env.ts'
import { lengthMax, listLength } from '../list-length.ts'
import { listResponse } from '../list-response.ts'
import type { VersionLists } from '../version-lists.ts'
import type { Versions } from '../versions.ts'

/** One item of an answer. */
export interface ListedItem {
  id: string
  /** Left out where the source had none. */
  title?: string
  /** The model's score; left out in popular lists. */
  score?: number
}

/** What `GET /v1/popular` answers. */
interface Popular {
  versionId: string
  source: 'popular'
  /** Most users first. */
  items: ListedItem[]
}

export function popular(versions: Versions): Handler<AppEnv> {
  return (c) => {
    const k = listLength(c, lengthMax)
    return versions.answer(c.env.LISTS, (lists) =>
      listResponse(c, lists, 'public', async (): Promise<Popular> => {
        const { versionId } = lists.meta
        return { versionId, source: 'popular', items: await popularList(lists, k) }
      }),
    )
  }
}

export async function popularList(lists: VersionLists, k: number): Promise<ListedItem[]> {
  const found = await lists.popular()
  return found.slice(0, k).map(({ itemId, title }) => (title === '' ? { id: itemId } : { id: itemId, title }))
}
