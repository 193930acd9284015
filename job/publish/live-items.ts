import { findItems, openItemBucket } from '../../shared/item-bucket.ts'
import { bucketOf, itemBucketKey } from '../../shared/kv-keys.ts'
import type { KvTarget } from './kv-target.ts'
import { readMeta, readPointer } from './pointer.ts'

/** What the served version knows of some items. */
export interface LiveItems {
  /** Null where nothing is published. */
  versionId: string | null
  /** Asked ids that it does not know; null where that could not be looked up. */
  unknown: string[] | null
}

/** Which of some items the served version does not know. Never throws: it is told beside a thing that is done. */
export async function notInLiveVersion(target: KvTarget, itemIds: readonly string[]): Promise<LiveItems> {
  let versionId: string | null = null
  try {
    const pointer = await readPointer(target)
    if (pointer === undefined) return { versionId, unknown: [...itemIds] }
    versionId = pointer.current
    const meta = await readMeta(target, versionId)
    if (meta === undefined) return { versionId, unknown: null }
    const buckets = new Set(itemIds.map((id) => bucketOf(id, meta.itemBucketCount)))
    const known = new Set<string>()
    for (const bucket of buckets) {
      const bytes = await target.get(itemBucketKey(versionId, bucket))
      if (bytes === undefined) return { versionId, unknown: null }
      for (const { itemId } of findItems(openItemBucket(bytes), itemIds)) known.add(itemId)
    }
    return { versionId, unknown: itemIds.filter((id) => !known.has(id)) }
  } catch {
    return { versionId, unknown: null }
  }
}
