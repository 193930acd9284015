import { type Dataset, datasetManifestPath } from '../data/dataset.ts'
import { importDataset } from '../data/import/import-dataset.ts'
import type { ImportReport } from '../data/import/import-report.ts'
import { isInteractionsFile } from '../data/import/source.ts'
import { NightjarError } from '../errors.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'
import type { Night } from './night.ts'

/**
 * Settles the rows of a night: those of the dataset, after whatever is new was imported.
 *
 * A place to import from is a file, or a folder that every file of interactions is dropped into: all of them are taken, in
 * the order of their names. A folder that is empty or not there holds nothing new; that is told, for it may be a typing error.
 *
 * @throws NightjarError NIGHT_NO_ROWS where there is neither a file nor a dataset; what an import throws
 */
export async function importStep(night: Night): Promise<Dataset> {
  if (night.state.dataset !== undefined) return night.openDataset()
  const { report, emptyPlaces } = await importNew(night)
  const dataset = await night.openDataset()
  const { digest } = dataset.manifest
  const imported = {
    rows: report?.rowsKept ?? 0,
    users: report?.newUsers ?? 0,
    items: report?.newItems ?? 0,
    emptyPlaces,
  }
  for (const place of emptyPlaces) {
    night.tell(`nothing lies at ${place}: no file of interactions, or no such place`, {
      event: 'nightly.empty',
      place,
    })
  }
  const { rejected = 0, sourceColumns } = report ?? {}
  const unread = sourceColumns?.unread ?? []
  const told = [
    `imported rows: ${imported.rows}, new users: ${imported.users}, new items: ${imported.items}`,
    ...(rejected > 0 ? [`${rejected} rows rejected, in ${report?.rejectsFile}`] : []),
    ...(unread.length > 0 ? [`columns not read: ${unread.join(', ')}`] : []),
  ]
  night.tell(told.join('; '), { event: 'nightly.import', ...imported, rejected, unread })
  const forgotten = dataset.forgotten.length
  await night.remember({
    dataset: { uri: dataset.store.uri, digest, ...dataset.extent, forgotten, imported },
  })
  return night.openDataset()
}

/** @returns no report where there is no file at all; and the places that hold none */
async function importNew(night: Night): Promise<{ report?: ImportReport; emptyPlaces: string[] }> {
  const { sources: places, dataset, reading, clock, progress, signal } = night.options
  const found = await Promise.all(places.map(filesAt))
  const emptyPlaces = places.filter((_, i) => found[i]?.length === 0)
  const sources = found.flat()
  const out = night.storeAt(dataset)
  if (sources.length > 0) {
    const options = { ...reading, out, clock, progress, signal, append: true, ifNew: true }
    return { report: await importDataset({ ...options, sources }), emptyPlaces }
  }
  if ((await out.size(datasetManifestPath)) === undefined) throw noRows(places, dataset)
  return { emptyPlaces }
}

function noRows(places: readonly string[], dataset: string): NightjarError {
  return new NightjarError('NIGHT_NO_ROWS', {
    what:
      places.length === 0
        ? `${dataset} holds no dataset yet, and no --import names what to make it of`
        : `${dataset} holds no dataset yet, and no file of interactions lies at ${places.join(', ')}`,
    why: 'a typing error, or the shop has exported nothing yet; files are known by their endings: .csv, .tsv, .jsonl, .parquet, ...',
    fix: 'name a folder of such files, or a file: --import PLACE',
  })
}

async function filesAt(place: string): Promise<string[]> {
  const files = (await openStore(place).list()).map(({ key }) => key)
  // What lists as nothing is a file, or is not there: the import tells which.
  if (files.length === 0) return isInteractionsFile(place) ? [place] : []
  return files.filter(isInteractionsFile).map((key) => joinPlace(place, key))
}
