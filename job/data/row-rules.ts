import { NightjarError } from '../errors.ts'
import type { Dataset, DatasetExtent, InteractionRows } from './dataset.ts'

/** Which rows of a dataset count. */
export interface RowRules {
  /** Rows of this moment and later, in milliseconds since 1970; null: of any age. */
  since: number | null
  /** Rows of at least this weight; null: of any weight. */
  minWeight: number | null
}

export const allRows: RowRules = { since: null, minWeight: null }

const dayMs = 86_400_000

/**
 * The rows of the last `windowDays` that weigh at least `minWeight`. The window counts back from
 * {@link newestMoment}, not from the clock: the same command on the same dataset takes the same rows.
 *
 * @throws NightjarError ROWS_NO_TIMES, ROWS_NO_WEIGHTS where the dataset cannot tell
 */
export async function rowRules(
  dataset: Dataset,
  extent: DatasetExtent,
  { windowDays, minWeight }: { windowDays: number | null; minWeight: number | null },
): Promise<RowRules> {
  if (minWeight !== null) checkColumn(dataset, 'weight')
  if (windowDays === null) return { since: null, minWeight }
  checkColumn(dataset, 'time')
  const newest = await newestMoment(dataset, extent)
  return { since: newest === undefined ? null : newest - windowDays * dayMs, minWeight }
}

function checkColumn(dataset: Dataset, column: 'weight' | 'time'): void {
  if (dataset.manifest.columns.includes(column)) return
  const [code, option, source] =
    column === 'time'
      ? ['ROWS_NO_TIMES', '--window', '--time-column COLUMN']
      : ['ROWS_NO_WEIGHTS', '--min-weight', '--rating-column COLUMN, or --events buy=1,click=0.2']
  throw new NightjarError(code, {
    what: `${option}, but the rows of ${dataset.store.uri} have no ${column}s`,
    why: 'the source had no such column, or import did not take it',
    fix: `leave ${option} out, or import the source again into a new folder with ${source}`,
  })
}

/**
 * The newest interaction, but no later than the newest import; without times the newest import. One row that
 * claims to come from the far future must not empty every window. Milliseconds; undefined where nothing tells.
 */
export async function newestMoment(dataset: Dataset, extent: DatasetExtent): Promise<number | undefined> {
  const { parts, sources, columns } = dataset.manifest
  const imports = parts
    .slice(0, extent.parts)
    .map((part) => Date.parse(sources[part.source]?.importedAt ?? ''))
    .filter(Number.isFinite)
  const imported = imports.length === 0 ? undefined : imports.reduce((a, b) => Math.max(a, b))
  if (!columns.includes('time')) return imported
  let newest: bigint | undefined
  for await (const { times } of dataset.interactions(extent)) {
    for (const time of times ?? []) if (newest === undefined || time > newest) newest = time
  }
  if (newest === undefined) return imported
  return Math.min(Number(newest), imported ?? Number.POSITIVE_INFINITY)
}

/** Whether row `i` of a part counts. A row without the column that a rule asks for does not. */
export function counts(
  { since, minWeight }: RowRules,
  { weights, times }: InteractionRows,
  i: number,
): boolean {
  if (since !== null && !(times !== undefined && Number(times[i]) >= since)) return false
  return minWeight === null || (weights !== undefined && weights[i] >= minWeight)
}
