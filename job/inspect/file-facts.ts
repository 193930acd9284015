import type { VouchedFile } from '../data/dataset-manifest.ts'
import { damageOf } from '../data/verify-file.ts'
import { throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { sha256Of } from '../store/sha256-of.ts'
import type { Store } from '../store/store.ts'
import type { FaultLog } from './fault.ts'

/** A file as it lies there. */
export interface FileFacts {
  path: string
  bytes: number
  /** Of the whole file; the manifest's where it was compared and is the same. */
  sha256: string
  /** Rows by the manifest; null where none names the file. */
  rows: number | null
  /** Whether a manifest vouches for these bytes; null where none names the file. */
  isVouched: boolean | null
}

export interface Watch {
  progress: Progress
  signal?: AbortSignal
}

/** Reads files whole and compares them with the manifest that names them. What is missing or changed is a fault. */
export async function lookAtFiles(
  store: Store,
  files: readonly { path: string; vouched?: VouchedFile }[],
  faults: FaultLog,
  { progress, signal }: Watch,
): Promise<FileFacts[]> {
  const found: FileFacts[] = []
  progress.start('digests', files.length, { unit: 'files' })
  for (const [done, { path, vouched }] of files.entries()) {
    throwIfCancelled(signal)
    const damage = vouched && (await damageOf(store, vouched, 'the manifest'))
    if (damage !== undefined) {
      faults.add(damage.isMissing ? 'FILE_MISSING' : 'DIGEST_MISMATCH', () => damage.reason)
    }
    if (damage?.isMissing !== true) {
      found.push({
        path,
        bytes: (await store.size(path)) ?? 0,
        sha256: vouched !== undefined && damage === undefined ? vouched.sha256 : await sha256Of(store, path),
        rows: vouched?.rows ?? null,
        isVouched: vouched === undefined ? null : damage === undefined,
      })
    }
    progress.update(done + 1)
  }
  progress.end()
  return found
}
