import { NightjarError, throwIfCancelled } from '../../errors.ts'
import { type Progress, silentProgress } from '../../progress.ts'
import type { Store } from '../../store/store.ts'
import type { CsrMatrix } from '../csr-matrix.ts'
import { csvLine } from '../csv-text.ts'
import type { Dataset, ItemTable } from '../dataset.ts'
import { writeJsonFile } from '../json-file.ts'
import { readRatings } from '../rating-matrix.ts'
import { newestParts, part, randomParts } from './held-out.ts'

/** Written last: where it is, the other files are whole. */
const splitPath = 'split.json'

const chunkChars = 1 << 20

export interface SplitOptions {
  dataset: Dataset
  out: Store
  by: 'random' | 'time'
  /** Share of each user's distinct items that goes to test. */
  test: number
  /** Share of what is left that goes to validation. */
  validation: number
  seed: number
  progress?: Progress
  signal?: AbortSignal | undefined
}

/** `split.json`: how the files came about. */
interface SplitManifest {
  format: 'nightjar-split'
  schemaVersion: 1
  by: 'random' | 'time'
  test: number
  validation: number
  /** Null by time, where nothing is drawn. */
  seed: number | null
  dataset: { digest: string; users: number; items: number }
  /** `train` holds the validation rows. */
  rows: { train: number; validation: number; test: number }
}

export interface SplitReport extends SplitManifest {
  out: string
}

/**
 * Divides a dataset's distinct pairs per user into `train.csv`, `validation.csv` and `test.csv` (header
 * `user_id,item_id`, original ids, in the order of users and items), as the paper's split does; train.csv holds
 * the validation rows too. {@link heldOutCounts} says how many of each. Titles, where there are any, go to
 * `items.csv`, and how it was made to `split.json`.
 *
 * @throws NightjarError SPLIT_EXISTS, SPLIT_NO_TIMES; nothing is left behind on failure
 */
export async function splitDataset(options: SplitOptions): Promise<SplitReport> {
  const { dataset, out, by, signal, progress = silentProgress } = options
  const { columns, digest, counts } = dataset.manifest
  if ((await out.size(splitPath)) !== undefined) {
    throw new NightjarError('SPLIT_EXISTS', {
      what: `${out.uri} holds a split already (${splitPath})`,
      why: 'a split never overwrites',
      fix: 'choose another folder with --out',
    })
  }
  if (by === 'time' && !columns.includes('time')) {
    throw new NightjarError('SPLIT_NO_TIMES', {
      what: `${dataset.store.uri} has no times (its columns are ${columns.join(', ')})`,
      why: 'the source had no column of times, or import did not know its name',
      fix: 'split --by random; or import again with --time-column NAME',
    })
  }
  const ratings = await readRatings(dataset)
  const parts =
    by === 'time' ? await newestParts(dataset, ratings, options) : randomParts(ratings, options, options.seed)
  const users = await dataset.userIds()
  const items = await dataset.items()
  const written: string[] = []
  const write = async (name: string, text: Iterable<string>) => {
    written.push(name)
    await out.put(name, encoded(text, signal))
    progress.update(written.length, name)
  }
  const held = (...taken: number[]) => pairs(ratings, parts, taken, users, items.ids)
  progress.start('split', 4, { unit: 'files' })
  try {
    await write('train.csv', held(part.train, part.validation))
    await write('validation.csv', held(part.validation))
    await write('test.csv', held(part.test))
    if (items.titles !== undefined || items.categories !== undefined) {
      await write('items.csv', titleLines(items))
    }
    const count = (...taken: number[]) => parts.reduce((sum, p) => sum + (taken.includes(p) ? 1 : 0), 0)
    const manifest: SplitManifest = {
      format: 'nightjar-split',
      schemaVersion: 1,
      by,
      test: options.test,
      validation: options.validation,
      seed: by === 'random' ? options.seed : null,
      dataset: { digest, users: counts.users, items: counts.items },
      rows: {
        train: count(part.train, part.validation),
        validation: count(part.validation),
        test: count(part.test),
      },
    }
    await writeJsonFile(out, splitPath, manifest)
    progress.end()
    return { ...manifest, out: out.uri }
  } catch (error) {
    for (const name of written) await out.delete(name).catch(() => {})
    throw error
  }
}

/** The report as a person reads it. */
export function describeSplit({ rows, by, seed, out }: SplitReport): string {
  const count = (value: number) => value.toLocaleString('en-US')
  return [
    `train       ${count(rows.train)} rows, the validation rows among them`,
    `validation  ${count(rows.validation)} rows`,
    `test        ${count(rows.test)} rows`,
    `where       ${out}  (by ${by}${seed === null ? '' : `, seed ${seed}`})`,
    `next        nightjar import ${out}/train.csv --out DATASET`,
  ].join('\n')
}

function* pairs(
  { rowOffsets, rowCount, columns }: CsrMatrix,
  parts: Uint8Array,
  taken: number[],
  users: string[],
  items: string[],
): Generator<string> {
  yield 'user_id,item_id\n'
  for (let user = 0; user < rowCount; user++) {
    for (let cell = rowOffsets[user]; cell < rowOffsets[user + 1]; cell++) {
      if (taken.includes(parts[cell])) yield csvLine([users[user], items[columns[cell]]])
    }
  }
}

function* titleLines({ ids, titles, categories }: ItemTable): Generator<string> {
  const texts = (name: string, column: string[] | undefined) =>
    column === undefined ? [] : [{ name, column }]
  const columns = [...texts('title', titles), ...texts('category', categories)]
  yield csvLine(['item_id', ...columns.map(({ name }) => name)])
  for (let i = 0; i < ids.length; i++) yield csvLine([ids[i], ...columns.map(({ column }) => column[i])])
}

/** Lines gathered into chunks of UTF-8. */
async function* encoded(lines: Iterable<string>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for (const line of lines) {
    text += line
    if (text.length < chunkChars) continue
    throwIfCancelled(signal)
    yield encoder.encode(text)
    text = ''
  }
  yield encoder.encode(text)
}
