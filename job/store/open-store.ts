import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../errors.ts'
import { FileStore } from './file-store.ts'
import { schemeOf } from './place.ts'
import { S3Store } from './s3/s3-store.ts'
import type { Store } from './store.ts'

/**
 * The store at a URI: a local path, `file:///...`, or `s3://bucket/prefix`. Nothing is asked of it yet.
 *
 * @throws UsageError for an empty place, and for a scheme that no store speaks
 */
export function openStore(uri: string): Store {
  const wanted = '(want a local folder, file:///... or s3://BUCKET/PREFIX)'
  // What an unset variable in a script leaves: it would mean the current folder.
  if (uri === '') throw new UsageError(`invalid place: it is empty ${wanted}`)
  const scheme = schemeOf(uri)
  if (scheme === undefined) return new FileStore(resolve(uri))
  if (scheme === 'file') return new FileStore(fileURLToPath(uri))
  if (scheme === 's3') return new S3Store(uri)
  throw new UsageError(`unknown place: ${uri} ${wanted}`)
}
