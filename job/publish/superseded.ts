import { metaKey, popularKey, versionKeys } from '../../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../../shared/version-meta.ts'
import type { Progress } from '../progress.ts'
import type { KvTarget } from './kv-target.ts'
import { readMeta, writePointer } from './pointer.ts'
import { sampleOf } from './version-writer.ts'

/** Versions that may go: all but the `keep` last published, the served one, the one before it and the pinned one. */
function supersededVersions(pointer: CurrentPointer, keep: number): string[] {
  const needed = new Set([
    ...pointer.retained.slice(0, keep),
    pointer.current,
    pointer.previous,
    pointer.pinned,
  ])
  return pointer.retained.filter((versionId) => !needed.has(versionId))
}

/**
 * Deletes superseded versions, and then takes them out of the pointer: one whose deletion fails stays listed,
 * and the next publication tries again. A failure is noted, not thrown: the new version is served already.
 *
 * @returns the versions that are gone
 */
export async function deleteSuperseded(
  target: KvTarget,
  pointer: CurrentPointer,
  keep: number,
  progress: Progress,
): Promise<string[]> {
  const deleted: string[] = []
  try {
    for (const versionId of supersededVersions(pointer, keep)) {
      const meta = await readMeta(target, versionId)
      if (meta !== undefined) await deleteVersion(target, meta)
      deleted.push(versionId)
    }
    if (deleted.length > 0) {
      const retained = pointer.retained.filter((versionId) => !deleted.includes(versionId))
      const runs = Object.fromEntries(
        Object.entries(pointer.runs ?? {}).filter(([id]) => retained.includes(id)),
      )
      await writePointer(target, { ...pointer, retained, runs })
    }
    return deleted
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    progress.note(`superseded versions were not deleted (${reason}); the next publication tries again`)
    return []
  }
}

/** First the key that {@link isWhole} always looks at, last the one that tells what else there is to delete. */
async function deleteVersion(target: KvTarget, meta: VersionMeta): Promise<void> {
  const first = popularKey(meta.versionId)
  const last = metaKey(meta.versionId)
  await target.deleteMany([first])
  await target.deleteMany(versionKeys(meta).filter((key) => key !== first && key !== last))
  await target.deleteMany([last])
}

/** Whether a version can be served again: nothing of a sample of its keys is missing. */
export async function isWhole(target: KvTarget, meta: VersionMeta): Promise<boolean> {
  const keys = [popularKey(meta.versionId), ...sampleOf(versionKeys(meta), 16)]
  const values = await Promise.all(keys.map((key) => target.get(key)))
  return values.every((value) => value !== undefined)
}
