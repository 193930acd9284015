import { UsageError } from '../errors.ts'
import { type CloudflareContext, openCloudflare } from './cloudflare/open-cloudflare.ts'
import type { KvTarget } from './kv-target.ts'
import { LocalKv } from './local-kv.ts'

/** What a place may be, for help and errors. */
export const places = 'local, local:STATE_FOLDER or cloudflare:NAMESPACE_ID'

/**
 * The KV at a place: `local` for the one of this project, `local:STATE_FOLDER` for another, `cloudflare:NAMESPACE_ID` for one of
 * Cloudflare's by its REST API.
 *
 * @throws UsageError for a place that no target is
 */
export function openTarget(place: string, context: CloudflareContext = {}): KvTarget {
  if (place === 'local') return new LocalKv()
  if (place.startsWith('local:') && place.length > 'local:'.length) {
    return new LocalKv(place.slice('local:'.length))
  }
  if (place.startsWith('cloudflare:')) return openCloudflare(place.slice('cloudflare:'.length), context)
  throw new UsageError(`unknown place to publish to: ${place} (want ${places})`)
}
