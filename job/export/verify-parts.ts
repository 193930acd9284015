import type { ScorePart } from '../data/run-manifest.ts'
import { damageOf } from '../data/verify-file.ts'
import { throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import type { Store } from '../store/store.ts'

/** Reads parts and compares their sha256. Returns those that are not what they should be, each with the reason. */
export async function damagedParts(
  store: Store,
  parts: readonly ScorePart[],
  { progress, signal }: { progress: Progress; signal?: AbortSignal },
): Promise<{ part: ScorePart; reason: string }[]> {
  const damaged: { part: ScorePart; reason: string }[] = []
  progress.start('verify', parts.length, { unit: 'files' })
  for (const [done, part] of parts.entries()) {
    throwIfCancelled(signal)
    const damage = await damageOf(store, part, 'its receipt')
    if (damage !== undefined) damaged.push({ part, reason: damage.reason })
    progress.update(done + 1)
  }
  progress.end()
  return damaged
}
