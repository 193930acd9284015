import { userBucketKey } from '../../shared/kv-keys.ts'
import { decodeUserBucket } from '../../shared/user-bucket.ts'
import type { KvTarget } from '../publish/kv-target.ts'
import { readMeta, readPointer } from '../publish/pointer.ts'

/** A user of the served version, for a URL to try; undefined where nothing is published or nobody has a list. */
export async function exampleUser(target: KvTarget): Promise<string | undefined> {
  const pointer = await readPointer(target)
  const meta = pointer === undefined ? undefined : await readMeta(target, pointer.current)
  if (meta === undefined) return undefined
  for (let bucket = 0; bucket < meta.userBucketCount; bucket++) {
    const bytes = await target.get(userBucketKey(meta.versionId, bucket))
    const [row] = bytes === undefined ? [] : decodeUserBucket(bytes)
    if (row !== undefined) return row.userId
  }
  return undefined
}

/** The page that shows a user's list and history in a browser. */
export function pageUrl(url: string, userId: string): string {
  return `${url}/?${new URLSearchParams({ user: userId })}`
}

/** The path of a user's recommendations, ready for a shell between single quotes. */
export function recommendationsPath(userId: string): string {
  return `/v1/users/${encodeURIComponent(userId).replaceAll("'", '%27')}/recommendations`
}
