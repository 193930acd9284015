import type { Context } from 'hono'
import type { ProblemCode } from '../shared/problem.ts'
import { queryFields, type UserListRequest } from './descriptions.ts'
import { ProblemError } from './problems.ts'
import { MismatchError, type Schema } from './schema.ts'

/** A thousand ids of 64 bytes. What is larger is not read to its end. */
const bodyBytesMax = 64 * 1024

/**
 * What the query asks of a list. Decoded by the URL's own rules (`+` is a space); parameters that we do not know
 * are left alone, for links collect them.
 *
 * @param more what may be asked beside that
 * @throws ProblemError `invalid-k`, `invalid-offset`, `invalid-exclude`, `invalid-category`, `invalid-explain`, `invalid-item-ids`
 */
export function listQuery(
  c: Context,
  most: number,
  more: Readonly<Record<string, Schema<unknown>>> = {},
): UserListRequest {
  if (!c.req.url.includes('?')) return {}
  const { searchParams } = new URL(c.req.url)
  const asked: Record<string, unknown> = {}
  for (const [name, field] of Object.entries({ ...queryFields(most), ...more })) {
    const given = searchParams.getAll(name)
    if (given.length === 0) continue
    try {
      asked[name] = field.read(valueIn(given, field), name)
    } catch (error) {
      if (!(error instanceof MismatchError)) throw error
      const shown = given.join(', ').slice(0, 50)
      throw new ProblemError(
        // itemIds is item-ids.
        `invalid-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}` as ProblemCode,
        `invalid ${error.path}: ${shown} (want ${error.want})`,
      )
    }
  }
  return asked
}

/** Of a parameter's texts the value that its schema describes; what is no such value stays as it is. */
function valueIn(given: string[], { json }: Schema<unknown>): unknown {
  const [text = ''] = given
  if (json.type === 'array' || given.length > 1) return given
  if (json.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return json.type === 'integer' && /^\d+$/.test(text) ? Number(text) : text
}

/**
 * The body, parsed but not yet checked.
 *
 * @throws ProblemError `unsupported-media-type`, `body-too-large`, `invalid-json`
 */
export async function jsonBody(c: Context): Promise<unknown> {
  const type = c.req.header('Content-Type') ?? ''
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    const shown = type === '' ? 'none' : type.slice(0, 50)
    throw new ProblemError('unsupported-media-type', `content type: ${shown} (want application/json)`)
  }
  const bytes = await bodyBytes(c.req.raw)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    throw new ProblemError('invalid-json', 'body: want JSON in UTF-8')
  }
}

/**
 * A value of the body as its schema describes it.
 *
 * @throws ProblemError `invalid-body`
 */
export function checkedBody<T>(schema: Schema<T>, value: unknown): T {
  try {
    return schema.read(value, 'body')
  } catch (error) {
    if (!(error instanceof MismatchError)) throw error
    throw new ProblemError('invalid-body', error.message)
  }
}

/** Counted as it comes: its length may be unstated, or a lie. */
async function bodyBytes({ body }: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > bodyBytesMax) {
      throw new ProblemError('body-too-large', `body: more than ${bodyBytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/**
 * An id from the URL: its third path segment, percent-encoded UTF-8. The ids `.` and `..` cannot be asked for: a
 * URL has no way to write them as a segment.
 *
 * Read from the URL itself, because a router's parameter has been decoded by rules of the router's own.
 *
 * @throws ProblemError `invalid-user-id`, `invalid-item-id`
 */
export function idOf(c: Context, what: 'user' | 'item'): string {
  const segment = pathSegment(c, 3)
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ProblemError(
      `invalid-${what}-id`,
      `invalid ${what} id: ${segment.slice(0, 50)} (want percent-encoded UTF-8, as encodeURIComponent writes it)`,
    )
  }
}

/** A segment of the path as it stands in the URL, the first after the host being the first. */
export function pathSegment(c: Context, n: number): string {
  const { url } = c.req
  const [path = ''] = url.slice(url.indexOf('/', url.indexOf('//') + 2)).split(/[?#]/, 1)
  return path.split('/')[n] ?? ''
}
