import { NightjarError } from '../../errors.ts'
import { isWellKnown, type Layout } from './column-roles.ts'
import { parseWeight } from './field-values.ts'
import { type Dialect, RecordReader } from './record-reader.ts'
import type { Source, SourceFormat } from './source.ts'

/** u.item's last columns: a flag for each genre, in the order of MovieLens 100K's u.genre. */
export const movieLens100kGenres = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
]

/** How each text format is cut. JSON lines are cut into lines. */
export const dialects: Record<Exclude<SourceFormat, 'parquet'>, Dialect> = {
  csv: { delimiter: ',', quotes: true },
  ssv: { delimiter: ';', quotes: true },
  tsv: { delimiter: '\t', quotes: true },
  dat: { delimiter: '::', quotes: false, latin1Fallback: true },
  item: { delimiter: '|', quotes: false, latin1Fallback: true },
  jsonl: { delimiter: undefined, quotes: false },
}

const ratingNames = ['user_id', 'item_id', 'rating', 'timestamp']
const titleNames = ['item_id', 'title', 'genres']
const uItemNames = ['item_id', 'title', 'released', 'video', 'url', ...movieLens100kGenres]

/**
 * The columns of a text: its header; or, for the shapes in which MovieLens publishes without one, what is
 * known of them; or numbers, where `hasHeader` is false.
 *
 * @param head the text's first bytes
 * @throws NightjarError SOURCE_EMPTY, SOURCE_HEADER
 */
export function textLayout(source: Source, head: Buffer, hasHeader: boolean): Layout {
  const fields = firstRecord(source, head)
  if (!hasHeader) {
    return { names: fields.map((_, i) => String(i + 1)), hasHeader: false, isNamed: false }
  }
  if (fields.some(isWellKnown)) return { names: fields, hasHeader: true, isNamed: true }
  const known = headerlessNames(source.format, fields)
  if (known !== undefined) return { names: known, hasHeader: false, isNamed: true }
  return { names: fields, hasHeader: true, isNamed: true }
}

/** Names for the columns of `u.data`, `ratings.dat`, `movies.dat` and `u.item`, told by format and shape. */
function headerlessNames(format: SourceFormat, fields: string[]): string[] | undefined {
  if (format === 'item' && fields.length === uItemNames.length) return uItemNames
  if (format !== 'dat' && format !== 'tsv') return undefined
  const [, , rating, time] = fields
  const isRatings = rating !== undefined && parseWeight(rating) !== undefined
  if (isRatings && fields.length === 3) return ratingNames.slice(0, 3)
  if (isRatings && fields.length === 4 && /^\d+$/.test(time ?? '')) return ratingNames
  return format === 'dat' && fields.length === 3 ? titleNames : undefined
}

function firstRecord(source: Source, head: Buffer): string[] {
  const where = source.label
  let first: string[] | undefined
  let problem: string | undefined
  const dialect = source.format === 'parquet' ? dialects.jsonl : dialects[source.format]
  const reader = new RecordReader(dialect, {
    record(fields) {
      if (problem === undefined) first ??= fields
    },
    broken(reason) {
      if (first === undefined) problem ??= reason
    },
  })
  reader.push(head)
  reader.end()
  if (problem !== undefined) {
    throw new NightjarError('SOURCE_HEADER', {
      what: `${where}: the first line cannot be read: ${problem}`,
      why: 'binary junk, or another format than its name says',
      fix: 'say which it is: --format csv|ssv|tsv|dat|jsonl|parquet',
    })
  }
  if (first === undefined) {
    throw new NightjarError('SOURCE_EMPTY', {
      what: `${where} holds only blank lines`,
      why: 'the export that made it failed, or has not ended yet',
    })
  }
  return first
}
