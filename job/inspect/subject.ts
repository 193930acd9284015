import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { openArrow } from '../data/arrow-batches.ts'
import { readJsonFile } from '../data/json-file.ts'
import { nightStatePath, openRun, type Run } from '../data/run.ts'
import { NightjarError } from '../errors.ts'
import { isScoreSchema } from '../export/score-batch.ts'
import { openStore } from '../store/open-store.ts'
import { schemeOf, splitPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { runFolders } from './runs-facts.ts'

/** What lies at a place, and where its files are. Keys are relative to `store`. */
export type Subject = { place: string; store: Store } & (
  | { kind: 'dataset' }
  | { kind: 'run' }
  /** @member folders that may hold a run or a night each */
  | { kind: 'runs'; folders: string[] }
  /** @member isWhole not for one file of a folder */
  | { kind: 'scores'; keys: string[]; isWhole: boolean }
  | { kind: 'arrow'; keys: string[] }
  | { kind: 'weights' | 'parquet'; key: string }
)

const manifestPath = 'manifest.json'

/**
 * Says what a file or a folder is by what it holds, not by its name.
 *
 * @throws NightjarError NOT_FOUND, UNKNOWN_KIND; UsageError for a place that no store speaks
 */
export async function recognise(given: string): Promise<Subject> {
  const place = schemeOf(given) === 'file' ? fileURLToPath(given) : given
  if (place !== '') {
    const { folder, name } = splitPlace(place)
    const beside = openStore(folder)
    if (name !== '' && (await beside.size(name)) !== undefined) return recogniseFile(given, beside, name)
  }
  return recogniseFolder(given, openStore(place))
}

/** The run whose `scores/` a folder is. */
export async function runAbove(store: Store): Promise<Run | undefined> {
  const { folder, name } = splitPlace(store.uri)
  if (name !== 'scores') return undefined
  const above = openStore(folder)
  if ((await above.size(manifestPath)) === undefined) return undefined
  try {
    return await openRun(above)
  } catch {
    return undefined
  }
}

async function recogniseFile(place: string, store: Store, key: string): Promise<Subject> {
  const head = await store.read(key, { offset: 0, length: 9 })
  const starts = (text: string) => Buffer.from(head).toString('latin1').startsWith(text)
  if (starts('ARROW1')) {
    // A damaged score file is known by its run, and is to be told what is wrong with it.
    const isNamed = (await runAbove(store))?.manifest.scores?.parts.some(
      ({ path }) => path === `scores/${key}`,
    )
    if (isNamed || isScoreSchema((await openArrow(store, key)).schema))
      return { kind: 'scores', place, store, keys: [key], isWhole: false }
    return { kind: 'arrow', place, store, keys: [key] }
  }
  if (starts('PAR1')) return { kind: 'parquet', place, store, key }
  // Eight bytes of header length, little-endian, then JSON: no header is longer than 4 GiB.
  if (head.length === 9 && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)) {
    return { kind: 'weights', place, store, key }
  }
  if (key === manifestPath) return recogniseFolder(place, store)
  throw new NightjarError('UNKNOWN_KIND', {
    what: `${place} is neither an Arrow file nor Parquet nor safetensors`,
    fix: 'a CSV or JSON lines becomes a dataset first: nightjar import FILE --out FOLDER',
  })
}

async function recogniseFolder(place: string, store: Store): Promise<Subject> {
  if ((await store.size(manifestPath)) !== undefined) {
    const { format } = await readJsonFile(
      store,
      manifestPath,
      z.looseObject({ format: z.unknown() }),
      'MANIFEST',
    )
    if (format === 'nightjar-dataset') return { kind: 'dataset', place, store }
    if (format === 'nightjar-run') return { kind: 'run', place, store }
  }
  const named = (await runAbove(store))?.manifest.scores?.parts.map(({ path }) => path.replace('scores/', ''))
  if (named !== undefined) return { kind: 'scores', place, store, keys: named, isWhole: true }
  const files = await store.list()
  const keys = files.map(({ key }) => key).filter((key) => /^[^/]+\.arrow$/.test(key))
  const [first] = keys
  if (first !== undefined) {
    const { schema } = await openArrow(store, first)
    if (isScoreSchema(schema)) return { kind: 'scores', place, store, keys, isWhole: true }
    return { kind: 'arrow', place, store, keys }
  }
  const checkpoint = files.find(({ key }) => /^(checkpoints|model)\/.*\.safetensors$/.test(key))
  if (checkpoint !== undefined) return { kind: 'weights', place, store, key: checkpoint.key }
  // A night without a run: that says so.
  if (files.some(({ key }) => key === nightStatePath)) await openRun(store)
  const folders = runFolders(files)
  if (folders.length > 0) return { kind: 'runs', place, store, folders }
  throw new NightjarError(files.length === 0 ? 'NOT_FOUND' : 'UNKNOWN_KIND', {
    what:
      files.length === 0
        ? `nothing lies at ${place}`
        : `${place} is neither a dataset nor a run nor a folder of Arrow files (it has ${files.length} files, ${files[0].key} the first)`,
    fix: 'name a folder that `nightjar import`, `train` or `export` wrote, or one file',
  })
}
