import { NightjarError } from '../../errors.ts'
import type { Layout } from './column-roles.ts'
import { RecordReader } from './record-reader.ts'
import { pushAll, type RowReading, type RowValue } from './row-reading.ts'
import type { Source } from './source.ts'
import { dialects } from './text-layout.ts'

type JsonObject = Record<string, unknown>

/** Reads JSON lines: one object a line. A key that is missing reads as null. */
export async function readJsonLines(reading: RowReading): Promise<void> {
  const { columns, handler } = reading
  const reader = new RecordReader(dialects.jsonl, {
    record([line], place) {
      if (line === undefined || line.trim() === '') return
      const object = parseObject(line)
      if (object === undefined) return handler.broken('is no JSON object', '', place)
      const values: RowValue[] = []
      for (const { name } of columns) {
        const value = Object.hasOwn(object, name) ? object[name] : undefined
        const text = textOf(value)
        if (text === null) return handler.broken(`is ${kindOf(value)}, not a text or a number`, name, place)
        // JSON can spell half a surrogate pair. It has no UTF-8 form, and would come out as another id.
        if (text !== undefined && /\p{Surrogate}/u.test(text)) {
          return handler.broken('is not valid Unicode', name, place)
        }
        values.push(text)
      }
      handler.row(values, place)
    },
    broken: (reason, place) => handler.broken(reason, '', place),
  })
  await pushAll(reader, reading)
}

/**
 * The keys of the first objects, in order of appearance.
 *
 * @param head the text's first bytes
 * @throws NightjarError JSON_ARRAY, SOURCE_HEADER, SOURCE_EMPTY
 */
export function jsonLayout(source: Source, head: Buffer): Layout {
  const text = head.toString('utf8')
  const isCut = head.length < source.bytes || source.gzip
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  // The head may end inside a line, which is then no JSON yet.
  if (isCut && lines.length > 1) lines.pop()
  if (lines.length === 0) {
    throw new NightjarError('SOURCE_EMPTY', {
      what: `${source.label} holds only blank lines`,
      why: 'the export that made it failed, or has not ended yet',
    })
  }
  if (text.trimStart().startsWith('[')) {
    throw new NightjarError('JSON_ARRAY', {
      what: `${source.label}: this is one JSON array, not an object a line`,
      fix: `jq -c '.[]' ${source.label} > rows.jsonl, and import that`,
    })
  }
  const objects = lines.map(parseObject).filter((object) => object !== undefined)
  if (objects.length === 0) {
    throw new NightjarError('SOURCE_HEADER', {
      what: `${source.label}: no JSON object on any of the first ${lines.length} lines`,
      why: 'binary junk, objects that span several lines, or another format than its name says',
      fix: 'write one object a line (jq -c . does), or say which format it is with --format',
    })
  }
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  return { names, hasHeader: false, isNamed: true }
}

function parseObject(line: string): JsonObject | undefined {
  let value: unknown
  try {
    value = JSON.parse(/\d{16}/.test(line) ? quoteLongNumbers(line) : line)
  } catch {
    return undefined
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/**
 * Puts whole numbers of 16 digits and more in quotes: JSON.parse would round such an id to the nearest double.
 * Texts are matched first and left alone, so that digits inside them are never touched.
 */
function quoteLongNumbers(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${token}"` : token,
  )
}

/** Null for what is neither text nor number. A list of texts (Amazon's categories) reads as `a|b`. */
function textOf(value: unknown): RowValue | null {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value.join('|')
  return null
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
