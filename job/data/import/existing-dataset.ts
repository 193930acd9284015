import { NightjarError, UsageError } from '../../errors.ts'
import { type Dataset, datasetManifestPath, openDataset } from '../dataset.ts'
import type { ImportOptions } from './import-options.ts'
import type { NumberedIds } from './number-ids.ts'

/**
 * The dataset that lies where the import goes, if there is one.
 *
 * `--append` wants one and no option wants none; `--if-new` takes both, for a nightly script does not know
 * whether it is the first night.
 *
 * @throws NightjarError DATASET_EXISTS, NOT_A_DATASET
 */
export async function existingDataset(options: ImportOptions): Promise<Dataset | undefined> {
  const { out, append, ifNew } = options
  const isThere = (await out.size(datasetManifestPath)) !== undefined
  if (isThere) {
    if (append || ifNew) return openDataset(out)
    throw datasetExists(options)
  }
  if (!append || ifNew) return undefined
  throw new NightjarError('NOT_A_DATASET', {
    what: `--append, but ${out.uri} holds no dataset (no ${datasetManifestPath})`,
    why: 'another folder was meant, or this is the first import',
    fix: 'leave --append out; or add --if-new, which makes the dataset where there is none',
  })
}

export function datasetExists(options: ImportOptions): NightjarError {
  const { uri } = options.out
  return new NightjarError('DATASET_EXISTS', {
    what: `${uri} holds a ${datasetManifestPath} already`,
    why: 'an import never overwrites',
    fix: 'the same command with --append (adds the rows), or with another folder for --out',
  })
}

/**
 * The ids that the dataset has; none where there is no dataset. Those with a tombstone among them: their new rows
 * must meet the old index, and be left out with the old ones.
 */
export async function knownIds(dataset: Dataset | undefined): Promise<NumberedIds> {
  if (dataset === undefined) return { users: [], items: { ids: [] } }
  return { users: await dataset.storedUserIds(), items: await dataset.items() }
}

/**
 * The least rating that is kept: what is appended obeys the rule by which the dataset was made.
 *
 * @throws UsageError where the option says another
 */
export function minRatingFor(options: ImportOptions, dataset: Dataset | undefined): number | undefined {
  const { minRating } = options
  if (dataset === undefined) return minRating
  const before = dataset.manifest.options.minRating
  if (minRating !== undefined && minRating !== before) {
    throw new UsageError(
      `--min-rating ${minRating}, but ${options.out.uri} was made ${before === null ? 'without one' : `with --min-rating ${before}`}`,
      'leave the option out: what is appended obeys the same rule',
    )
  }
  return before ?? undefined
}
