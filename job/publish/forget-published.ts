import { bucketOf, userBucketKey } from '../../shared/kv-keys.ts'
import { decodeUserBucket, encodeUserBucket } from '../../shared/user-bucket.ts'
import { NightjarError } from '../errors.ts'
import type { KvTarget } from './kv-target.ts'
import { readMeta, readPointer } from './pointer.ts'

/** What was done to one version. */
export interface ForgottenInVersion {
  versionId: string
  /** Ids whose list and history were there, and are gone. */
  removed: string[]
  /** Whether some of it could not be looked into: its deletion was begun, or never finished. */
  isDamaged: boolean
}

/**
 * Takes users out of every version that a store retains: their buckets are written anew without their rows. Once
 * more changes nothing.
 *
 * Versions never change otherwise. Workers that hold the old bucket go on answering from it: a location for as
 * long as its cache keeps values (an hour), an isolate until it ends.
 *
 * @throws NightjarError KV_*, KV_DAMAGED where a bucket is of another shape; doing it again goes on
 */
export async function forgetPublished(
  target: KvTarget,
  userIds: readonly string[],
): Promise<ForgottenInVersion[]> {
  const pointer = await readPointer(target)
  const versions: ForgottenInVersion[] = []
  for (const versionId of pointer?.retained ?? []) {
    versions.push(await forgetInVersion(target, versionId, new Set(userIds)))
  }
  return versions
}

async function forgetInVersion(
  target: KvTarget,
  versionId: string,
  userIds: ReadonlySet<string>,
): Promise<ForgottenInVersion> {
  const done: ForgottenInVersion = { versionId, removed: [], isDamaged: false }
  const meta = await readMeta(target, versionId)
  if (meta === undefined) return { ...done, isDamaged: true }
  const buckets = new Set(Array.from(userIds, (id) => bucketOf(id, meta.userBucketCount)))
  for (const bucket of buckets) {
    const key = userBucketKey(versionId, bucket)
    const bytes = await target.get(key)
    if (bytes === undefined) {
      done.isDamaged = true
      continue
    }
    const rows = rowsOf(target, key, bytes)
    const gone = rows.filter((row) => userIds.has(row.userId))
    if (gone.length === 0) continue
    const kept = rows.filter((row) => !userIds.has(row.userId))
    await target.putMany([{ key, value: encodeUserBucket(kept) }])
    done.removed.push(...gone.map((row) => row.userId))
  }
  return done
}

function rowsOf(target: KvTarget, key: string, bytes: Uint8Array) {
  try {
    return decodeUserBucket(bytes)
  } catch (cause) {
    throw new NightjarError('KV_DAMAGED', {
      what: `${target.name}: the value of "${key}" is no bucket of users`,
      why: 'it was written by hand, or by another version of nightjar',
      fix: 'publish the run of that version again, then forget again',
      cause,
    })
  }
}
