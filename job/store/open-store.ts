import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../errors.ts'
import { FileStore } from './file-store.ts'
import type { Store } from './store.ts'

/**
 * The store at a URI: a local path, or `file:///...`.
 *
 * @throws UsageError for an empty place, and for a scheme that no store speaks
 */
export function openStore(uri: string): Store {
  // What an unset variable in a script leaves: it would mean the current folder.
  if (uri === '') throw new UsageError('invalid place: it is empty (want a local folder or file:///...)')
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return new FileStore(resolve(uri))
  if (scheme === 'file') return new FileStore(fileURLToPath(uri))
  throw new UsageError(`unknown place: ${uri} (want a local folder or file:///...)`)
}
