import type { ScorePart } from '../data/run-manifest.ts'
import { throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { sha256Of } from '../store/sha256-of.ts'
import type { Store } from '../store/store.ts'

/** Reads parts and compares their sha256. Returns those that are not what they should be, each with the reason. */
export async function damagedParts(
  store: Store,
  parts: readonly ScorePart[],
  { progress, signal }: { progress: Progress; signal?: AbortSignal },
): Promise<{ part: ScorePart; reason: string }[]> {
  const damaged: { part: ScorePart; reason: string }[] = []
  progress.start('verify', parts.length)
  for (const [done, part] of parts.entries()) {
    throwIfCancelled(signal)
    const reason = await damageOf(store, part)
    if (reason !== undefined) damaged.push({ part, reason })
    progress.update(done + 1)
  }
  progress.end()
  return damaged
}

async function damageOf(store: Store, { path, bytes, sha256 }: ScorePart): Promise<string | undefined> {
  const size = await store.size(path)
  if (size === undefined) return `${path} is not there`
  if (size !== bytes) return `${path} has ${size} bytes, its receipt says ${bytes}`
  const found = await sha256Of(store, path)
  if (found === sha256) return undefined
  return `${path} has sha256 ${found.slice(0, 12)}..., its receipt says ${sha256.slice(0, 12)}...`
}
