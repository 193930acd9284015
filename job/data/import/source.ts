import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NightjarError, UsageError } from '../../errors.ts'
import { openStore } from '../../store/open-store.ts'
import { joinPlace, schemeOf, splitPlace } from '../../store/place.ts'
import type { Store } from '../../store/store.ts'

/** Formats that `--format` takes; `ssv` is CSV with semicolons, as spreadsheets write it where a comma is for decimals. */
export const sourceFormats = ['csv', 'ssv', 'tsv', 'dat', 'jsonl', 'parquet'] as const

/** `item` is MovieLens 100K's u.item: columns between `|`, nothing quoted. */
export type SourceFormat = (typeof sourceFormats)[number] | 'item'

/** A file to import from. */
export interface Source {
  store: Store
  key: string
  /** The file's name, without its folder. */
  name: string
  /** The file as the person named it, for messages. */
  label: string
  bytes: number
  format: SourceFormat
  gzip: boolean
}

/** What one argument of `import` names: a file of interactions, or a MovieLens folder with its titles beside. */
export interface OpenedSource {
  interactions: Source
  titles?: Source
}

const formatByExtension: Record<string, SourceFormat> = {
  csv: 'csv',
  ssv: 'ssv',
  tsv: 'tsv',
  tab: 'tsv',
  data: 'tsv',
  dat: 'dat',
  item: 'item',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  parquet: 'parquet',
  pq: 'parquet',
}

/** A MovieLens folder's ratings and, beside them, its titles; the first that is there is taken. */
const movieLensFiles = [
  { ratings: 'ratings.csv', movies: 'movies.csv' },
  { ratings: 'ratings.dat', movies: 'movies.dat' },
  { ratings: 'u.data', movies: 'u.item' },
]

/**
 * Finds what a path or URI names.
 *
 * @param format overrides the one that the file's extension tells
 * @throws NightjarError NOT_FOUND, NOT_MOVIELENS, SOURCE_EMPTY; UsageError where the format cannot be told
 */
export async function openSource(uri: string, format?: SourceFormat): Promise<OpenedSource> {
  const path = placeOf(uri)
  const file = await openSourceFile(path, uri, format)
  if (file !== undefined) return { interactions: file }

  for (const { ratings, movies } of movieLensFiles) {
    const interactions = await openSourceFile(joinPlace(path, ratings), joinPlace(uri, ratings))
    if (interactions === undefined) continue
    const titles = await openSourceFile(joinPlace(path, movies), joinPlace(uri, movies))
    return titles === undefined ? { interactions } : { interactions, titles }
  }
  const held = await openStore(path).list()
  if (held.length === 0) {
    throw new NightjarError('NOT_FOUND', {
      what: `no such file: ${uri}`,
      why: 'a typing error, or an empty folder',
      fix: 'name a file, or a folder that holds files; paths count from the folder that the command runs in',
    })
  }
  const some = held.slice(0, 5).map((found) => found.key)
  const wanted = movieLensFiles.map((files) => files.ratings).join(', ')
  throw new NightjarError('NOT_MOVIELENS', {
    what: `${uri} is a folder, but none of MovieLens' (no ${wanted}): it holds ${held.length} files: ${some.join(', ')}${held.length > some.length ? ', ...' : ''}`,
    why: 'a folder is read as MovieLens publishes it; other files are named one by one',
    fix: `nightjar import ${joinPlace(uri, some[0] ?? '')} --out FOLDER`,
  })
}

/**
 * Finds what a path or URI names, as {@link openSource} does, and takes a folder of JSON lines for all of its files, in the
 * order of their names.
 */
export async function openSources(uri: string, format?: SourceFormat): Promise<OpenedSource[]> {
  const path = placeOf(uri)
  const lines = (await isFile(path)) ? [] : await jsonLinesIn(path)
  if (lines.length === 0) return [await openSource(uri, format)]
  const opened = lines.map((key) => openSourceFile(joinPlace(path, key), joinPlace(uri, key), format))
  return (await Promise.all(opened))
    .filter((file) => file !== undefined)
    .map((interactions) => ({ interactions }))
}

async function jsonLinesIn(folder: string): Promise<string[]> {
  const held = (await openStore(folder).list()).map(({ key }) => key)
  const isMovieLens = movieLensFiles.some(({ ratings }) => held.includes(ratings))
  return isMovieLens ? [] : held.filter((key) => /\.(jsonl|ndjson)(\.gz)?$/i.test(key))
}

/** Whether a name is that of a file of interactions, by its ending. */
export function isInteractionsFile(name: string): boolean {
  const format = formatOf(name)
  return format !== undefined && format !== 'item'
}

/** A file of titles. @throws as {@link openSource} */
export async function openTitles(uri: string): Promise<Source> {
  const source = await openSourceFile(placeOf(uri), uri)
  if (source !== undefined) return source
  throw new NightjarError('NOT_FOUND', {
    what: `no such file: ${uri}`,
    why: '--items names a file of titles: item_id,title,category',
  })
}

/** Where a source lies on this machine, to which {@link LocalCopies} has brought it. DuckDB opens files by path. */
export function localPath(source: Source): string {
  return join(source.store.uri, source.key)
}

async function openSourceFile(
  path: string,
  label: string,
  format?: SourceFormat,
): Promise<Source | undefined> {
  const { folder, name: key } = splitPlace(path)
  if (key === '') return undefined
  const store = openStore(folder)
  const bytes = await store.size(key)
  if (bytes === undefined) return undefined
  if (bytes === 0) {
    throw new NightjarError('SOURCE_EMPTY', {
      what: `${label} is empty (0 bytes)`,
      why: 'the export that made it failed, or has not ended yet',
    })
  }
  const gzip = /\.gz$/i.test(key)
  const known = format ?? formatOf(key)
  if (known === undefined) {
    const ending = /\.[^.]+$/.exec(key.replace(/\.gz$/i, ''))?.[0]
    throw new UsageError(
      `unknown format of ${label} (its name ends in ${ending ?? 'nothing'})`,
      `say which it is: --format ${sourceFormats.join('|')}`,
    )
  }
  return { store, key, name: key, label, bytes, format: known, gzip }
}

function formatOf(name: string): SourceFormat | undefined {
  const extension = /\.([^.]+)$/.exec(name.replace(/\.gz$/i, ''))?.[1]
  return formatByExtension[extension?.toLowerCase() ?? '']
}

async function isFile(path: string): Promise<boolean> {
  const { folder, name } = splitPlace(path)
  return name !== '' && (await openStore(folder).size(name)) !== undefined
}

function placeOf(uri: string): string {
  const scheme = schemeOf(uri)
  if (scheme === undefined) return resolve(uri)
  if (scheme === 'file') return fileURLToPath(uri)
  if (scheme === 's3') return uri
  throw new UsageError(`unknown place: ${uri} (want a local file, file:///... or s3://BUCKET/KEY)`)
}
