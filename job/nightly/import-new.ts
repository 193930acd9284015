import { importDataset } from '../data/import/import-dataset.ts'
import type { ImportOptions } from '../data/import/import-options.ts'
import type { ImportReport } from '../data/import/import-report.ts'
import { isInteractionsFile } from '../data/import/source.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'

/**
 * Imports the files that the dataset does not have yet.
 *
 * A place is a file, or a folder that every file of interactions is dropped into: all of them are taken, in the order of
 * their names. A folder that is empty or not there yet holds nothing new.
 *
 * @returns undefined where there is no file at all
 */
export async function importNew(
  places: readonly string[],
  options: Omit<ImportOptions, 'sources' | 'append' | 'ifNew'>,
): Promise<ImportReport | undefined> {
  const sources = (await Promise.all(places.map(filesAt))).flat()
  if (sources.length === 0) return undefined
  return importDataset({ ...options, sources, append: true, ifNew: true })
}

async function filesAt(place: string): Promise<string[]> {
  const files = (await openStore(place).list()).map(({ key }) => key)
  // What lists as nothing is a file, or is not there: the import tells which.
  if (files.length === 0) return isInteractionsFile(place) ? [place] : []
  return files.filter(isInteractionsFile).map((key) => joinPlace(place, key))
}
