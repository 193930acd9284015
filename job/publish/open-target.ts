import { UsageError } from '../errors.ts'
import type { KvTarget } from './kv-target.ts'
import { LocalKv } from './local-kv.ts'

/**
 * The KV at a place: `local` for the one of this project, `local:STATE_FOLDER` for another.
 *
 * @throws UsageError for a place that no target is
 */
export function openTarget(place: string): KvTarget {
  if (place === 'local') return new LocalKv()
  if (place.startsWith('local:') && place.length > 'local:'.length) {
    return new LocalKv(place.slice('local:'.length))
  }
  throw new UsageError(`unknown place to publish to: ${place} (want local or local:STATE_FOLDER)`)
}
