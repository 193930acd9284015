import type { Progress } from '../../progress.ts'
import type { Source } from './source.ts'

/** A phase of progress over the bytes of some files, told in MB. */
export function megabytes(progress: Progress, label: string, sources: readonly Source[]) {
  const inMb = (bytes: number) => Math.round(bytes / 1e5) / 10
  const total = sources.reduce((sum, source) => sum + source.bytes, 0)
  let done = 0
  progress.start(label, inMb(total), { unit: 'MB' })
  return {
    add(bytes: number): void {
      // Unzipped bytes may be more than those stored.
      done = Math.min(total, done + bytes)
      progress.update(inMb(done))
    },
  }
}
