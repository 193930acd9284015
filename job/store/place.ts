import { basename, dirname, join, posix, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../errors.ts'

/** The scheme of a URI, in lower case; undefined for a path. */
export function schemeOf(place: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(place)?.[1]?.toLowerCase()
}

/**
 * The bucket and the prefix that `s3://bucket/prefix` names; the prefix ends in no slash, and may be empty.
 *
 * @throws UsageError where no bucket is named, or a segment is empty, `.` or `..`
 */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(uri) ?? []
  const prefix = path.replace(/\/+$/, '')
  const isSound = prefix === '' || prefix.split('/').every((part) => !['', '.', '..'].includes(part))
  if (/^[a-z0-9][a-z0-9._-]{1,62}$/i.test(bucket) && isSound) return { bucket, prefix }
  throw new UsageError(`invalid place: ${uri} (want s3://BUCKET/PREFIX)`)
}

/** A file's folder and its name in it. */
export function splitPlace(file: string): { folder: string; name: string } {
  if (schemeOf(file) !== 's3') return { folder: dirname(resolve(file)), name: basename(file) }
  const { bucket, prefix } = parseS3Uri(file)
  const folder = posix.dirname(prefix)
  return { folder: `s3://${bucket}${folder === '.' ? '' : `/${folder}`}`, name: posix.basename(prefix) }
}

/** A file or folder within a folder. */
export function joinPlace(folder: string, name: string): string {
  return schemeOf(folder) === 's3' ? `${folder.replace(/\/+$/, '')}/${name}` : join(folder, name)
}

/**
 * A place as something in `base` remembers it: relative to `base` where both lie on this machine or in one bucket, so
 * that both can move together; else a URI.
 */
export function rememberPlace(base: string, place: string): string {
  const [from, to] = [schemeOf(base), schemeOf(place)]
  if (from === undefined && to === undefined) return relative(resolve(base), resolve(place)) || '.'
  if (from === 's3' && to === 's3') {
    const [here, there] = [parseS3Uri(base), parseS3Uri(place)]
    if (here.bucket === there.bucket) return posix.relative(`/${here.prefix}`, `/${there.prefix}`) || '.'
  }
  return to === undefined ? pathToFileURL(resolve(place)).href : place
}

/** Where a remembered place lies, seen from `base`. */
export function resolvePlace(base: string, remembered: string): string {
  if (schemeOf(remembered) !== undefined) return remembered
  if (schemeOf(base) !== 's3') return resolve(base, remembered)
  const { bucket, prefix } = parseS3Uri(base)
  return `s3://${bucket}${posix.resolve(`/${prefix}`, remembered)}`.replace(/\/$/, '')
}
