import { isEventName } from './column-roles.ts'
import type { Reject } from './reject-log.ts'

/** What an import did, as `--json` prints it. Counts of rows are of this import, the others of the dataset. */
export interface ImportReport {
  dataset: string
  /** The dataset's digest after the import. */
  digest: string
  /** False where every source was in the dataset already (`--if-new`), or had no rows to append. */
  changed: boolean
  /** Files that were left out because the dataset has them (`--if-new`). */
  skipped: string[]
  /** Rows of the sources, without header and blank lines. */
  rowsRead: number
  rowsKept: number
  rejected: number
  /** Events of weight 0. */
  ignoredEvents: number
  duplicates: number
  belowMinRating: number
  belowMinCount: number
  users: number
  items: number
  newUsers: number
  newItems: number
  /** Rows of the dataset over all imports. */
  interactions: number
  /** interactions / (users * items) */
  density: number
  columns: string[]
  /** Columns of the first source, by its own names: what was read of it, and what was not. Empty where nothing was read. */
  sourceColumns: { read: string[]; unread: string[] }
  /** Columns of `--items` that are neither the item's id nor a title nor a category. */
  unreadTitleColumns: string[]
  /** Columns that the sources have and the dataset does not, and that were therefore not kept. */
  droppedColumns: string[]
  /** Items without a title; null where the dataset has no titles. */
  untitledItems: number | null
  parts: number
  /** Where the bad rows were written; null where there were none. */
  rejectsFile: string | null
  /** The first few bad rows. */
  rejects: Reject[]
  seconds: number
}

/** The report as a person reads it. */
export function describeImport(report: ImportReport): string {
  const count = (value: number) => value.toLocaleString('en-US')
  const lines: string[] = []
  for (const name of report.skipped) lines.push(`already imported, skipped: ${name}`)
  if (!report.changed) {
    if (report.skipped.length === 0) lines.push('no rows to append')
    lines.push(`unchanged: ${report.dataset}`)
    return lines.join('\n')
  }
  const dropped = [
    [report.rejected, 'rejected'],
    [report.ignoredEvents, 'of weight 0'],
    [report.duplicates, 'duplicates folded'],
    [report.belowMinRating, 'below the rating'],
    [report.belowMinCount, 'below the count'],
  ] as const
  const told = dropped.filter(([rows]) => rows > 0).map(([rows, why]) => `${count(rows)} ${why}`)
  const isNew = report.newUsers === report.users && report.newItems === report.items
  const grown = (total: number, fresh: number) =>
    isNew ? count(total) : `${count(total)} (${count(fresh)} new)`
  lines.push(
    `rows      ${count(report.rowsRead)} read, ${[`${count(report.rowsKept)} kept`, ...told].join(', ')}`,
    `columns   ${describeColumns(report)}`,
    `users     ${grown(report.users, report.newUsers)}`,
    `items     ${grown(report.items, report.newItems)}${report.untitledItems ? `, ${count(report.untitledItems)} without a title` : ''}`,
    `density   ${Number((report.density * 100).toPrecision(3))} % of ${count(report.interactions)} interactions`,
  )
  if (report.unreadTitleColumns.length > 0) {
    lines.push(
      `titles    not read: ${report.unreadTitleColumns.join(', ')}; the columns that are read are called item_id, title, category`,
    )
  }
  if (report.untitledItems === report.items)
    lines.push('titles    none is of an item that the rows have: the ids of --items are others')
  if (report.droppedColumns.length > 0) {
    lines.push(`not kept  ${report.droppedColumns.join(', ')}: the dataset has no such column`)
  }
  if (report.rejectsFile !== null) lines.push(`rejects   ${report.rejectsFile}`)
  lines.push(
    `where     ${report.dataset}  (${report.seconds.toFixed(1)} s)`,
    `next      nightjar train ${report.dataset} --out RUN`,
  )
  return lines.join('\n')
}

/** A column that was meant and not found is best seen where the others are named. */
function describeColumns({ sourceColumns: { read, unread }, columns }: ImportReport): string {
  if (unread.length === 0) return read.join(', ')
  const hints = [
    ...(columns.includes('time') ? [] : ['--time-column NAME reads one as the time']),
    ...(unread.some(isEventName) ? ['--events buy=1,click=0.2 reads events'] : []),
  ]
  return `${read.join(', ')} (${[`not read: ${unread.join(', ')}`, ...hints].join('; ')})`
}
