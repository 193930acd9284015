import { sha256Of } from '../store/sha256-of.ts'
import type { Store } from '../store/store.ts'
import type { VouchedFile } from './dataset-manifest.ts'

/** How a file is not what was vouched for. */
export interface Damage {
  isMissing: boolean
  reason: string
}

/**
 * Reads a file, piece by piece, and compares it with what vouches for it; undefined where it is whole.
 *
 * @param voucher what vouches for it, in words: `its receipt`, `the manifest`
 */
export async function damageOf(
  store: Store,
  { path, bytes, sha256 }: VouchedFile,
  voucher: string,
): Promise<Damage | undefined> {
  const size = await store.size(path)
  if (size === undefined) return { isMissing: true, reason: `${path} is not there` }
  const changed = (reason: string): Damage => ({ isMissing: false, reason: `${path} has ${reason}` })
  if (size !== bytes) return changed(`${size} bytes, ${voucher} says ${bytes}`)
  const found = await sha256Of(store, path)
  if (found === sha256) return undefined
  return changed(`sha256 ${found.slice(0, 12)}..., ${voucher} says ${sha256.slice(0, 12)}...`)
}
