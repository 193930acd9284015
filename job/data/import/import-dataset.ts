import { NightjarError, throwIfCancelled } from '../../errors.ts'
import { openStore } from '../../store/open-store.ts'
import { parseS3Uri, schemeOf, splitPlace } from '../../store/place.ts'
import type { Dataset } from '../dataset.ts'
import type { DatasetManifest } from '../dataset-manifest.ts'
import { commitImport, type PreparedImport } from './commit-import.ts'
import { DuckDbSession } from './duckdb-session.ts'
import { datasetExists, existingDataset, knownIds, minRatingFor } from './existing-dataset.ts'
import type { ImportOptions } from './import-options.ts'
import { type ImportPlan, planImport } from './import-plan.ts'
import type { ImportReport } from './import-report.ts'
import { LocalCopies } from './local-copies.ts'
import { megabytes } from './megabytes.ts'
import { numberIds } from './number-ids.ts'
import { columnList } from './plan-source.ts'
import { describeReject, RejectLog } from './reject-log.ts'
import { selectRows } from './select-rows.ts'
import { createStaging, stageSource } from './staging.ts'
import { readTitles, type TitleFacts } from './titles.ts'

/** Bad rows that are shown at once; all of them stand in the rejects file. */
const shownRejects = 5

/**
 * Makes a dataset from files of interactions, or adds to one.
 *
 * Parts hold the kept rows in the order of the sources. Users and items are numbered in the order in which
 * they first stand in those rows. The manifest is written last; on any failure before it, whatever this import
 * wrote is deleted again. The file of rejects alone stays: it tells why.
 *
 * @throws NightjarError DATASET_EXISTS, NOT_A_DATASET, SOURCE_KNOWN, MISSING_COLUMN, IMPORT_REJECTS, NO_ROWS and
 *   more; CancelledError; UsageError
 */
export async function importDataset(options: ImportOptions): Promise<ImportReport> {
  const { progress, signal, clock } = options
  const startedMs = clock.elapsedMs()
  const secondsSoFar = () => (clock.elapsedMs() - startedMs) / 1000
  const dataset = await existingDataset(options)
  const minRating = minRatingFor(options, dataset)
  const session = await DuckDbSession.open(signal)
  const copies = new LocalCopies()
  try {
    const plan = await planImport(session, { ...options, minRating }, dataset, copies)
    if (dataset !== undefined && plan.sources.length > 0 && !options.append) throw datasetExists(options)

    const rejects = new RejectLog()
    const { rowsRead, ignoredEvents } = await stageAll(session, plan, rejects, options)
    const titles = await readTitles(session, plan.titles, rejects, signal)
    const rejectsFile = await settleRejects(rejects, plan, rowsRead, titles, options)
    if (dataset !== undefined && rowsRead.every((rows) => rows === 0)) {
      return { ...unchanged(dataset, plan), seconds: secondsSoFar() }
    }

    throwIfCancelled(signal)
    progress.start(
      'select',
      rowsRead.reduce((sum, rows) => sum + rows, 0),
      { unit: 'rows' },
    )
    const rules = {
      hasTime: plan.hasTime,
      heaviest: options.events !== undefined,
      minRating,
      minCount: options.minCount,
    }
    const selected = await selectRows(session, { ...rules, sources: plan.sources.length }, progress)
    const counts = selected.map((count, i) => ({
      ...count,
      rowsRead: rowsRead[i],
      rejected: rejects.countOf(plan.sources[i].source.label),
      ...(options.events !== undefined && { ignoredEvents: ignoredEvents[i] }),
    }))
    if (dataset === undefined && counts.every((count) => count.kept === 0)) throw noRows(counts, options)

    throwIfCancelled(signal)
    const known = await knownIds(dataset)
    const ids = await numberIds(session, known, titles)
    progress.end()
    const unreadTitleColumns = titles.unread
    const prepared = { session, options, plan, dataset, minRating, counts, known, ids, unreadTitleColumns }
    const manifest = await commitImport(prepared)
    return { ...report(prepared, manifest, rejects, rejectsFile), seconds: secondsSoFar() }
  } finally {
    session.close()
    await copies.close()
  }
}

/** Stages every source. @returns by source: rows, the bad and the ignored ones included, and how many were ignored */
async function stageAll(
  session: DuckDbSession,
  plan: ImportPlan,
  rejects: RejectLog,
  options: ImportOptions,
): Promise<{ rowsRead: number[]; ignoredEvents: number[] }> {
  await createStaging(session)
  const progress = megabytes(
    options.progress,
    'read',
    plan.sources.map(({ source }) => source),
  )
  const rowsRead: number[] = []
  const ignoredEvents: number[] = []
  let nextRow = 0
  for (const [sourceIndex, planned] of plan.sources.entries()) {
    throwIfCancelled(options.signal)
    const firstRow = nextRow
    const staged = await stageSource({
      session,
      planned,
      sourceIndex,
      nextRow,
      rejects,
      signal: options.signal,
      onBytes: progress.add,
    })
    nextRow = staged.nextRow
    ignoredEvents.push(staged.ignoredEvents)
    rowsRead.push(nextRow - firstRow + staged.ignoredEvents + rejects.countOf(planned.source.label))
  }
  options.progress.end()
  return { rowsRead, ignoredEvents }
}

/**
 * Writes the rejects file, if there is something to write, and shows the first few.
 *
 * @returns where it is
 * @throws NightjarError IMPORT_REJECTS where a file has too many
 */
async function settleRejects(
  rejects: RejectLog,
  plan: ImportPlan,
  rowsRead: number[],
  titles: TitleFacts,
  options: ImportOptions,
): Promise<string | undefined> {
  if (rejects.count === 0) return undefined
  const { folder, name } =
    options.rejects === undefined ? besideDataset(options.out.uri) : splitPlace(options.rejects)
  await rejects.write(openStore(folder), name)
  const file = `${folder}/${name}`
  for (const reject of rejects.kept.slice(0, shownRejects)) options.progress.note(describeReject(reject))
  if (rejects.count > shownRejects) {
    options.progress.note(`... and ${rejects.count - shownRejects} more bad rows, all in ${file}`)
  }
  plan.sources.forEach(({ source }, i) => {
    rejects.check(source.label, rowsRead[i], options.maxRejects, file)
  })
  plan.titles.forEach(({ label }, i) => {
    rejects.check(label, titles.rowsRead[i], options.maxRejects, file)
  })
  return file
}

function besideDataset(uri: string): { folder: string; name: string } {
  // Nothing lies beside a whole bucket.
  if (schemeOf(uri) === 's3' && parseS3Uri(uri).prefix === '') return { folder: uri, name: 'rejects.csv' }
  return splitPlace(`${uri.replace(/\/+$/, '')}.rejects.csv`)
}

function noRows(counts: PreparedImport['counts'], options: ImportOptions): NightjarError {
  const sum = (column: keyof (typeof counts)[number]) =>
    counts.reduce((total, count) => total + (count[column] ?? 0), 0)
  return new NightjarError('NO_ROWS', {
    what:
      `${options.sources.join(', ')}: no row is left of ${sum('rowsRead')} ` +
      `(${sum('rejected')} rejected, ${sum('belowMinRating')} below --min-rating, ${sum('belowMinCount')} below --min-count)`,
    why:
      sum('rowsRead') === 0 ? 'the source has a header and nothing else' : 'the rules are too strict for it',
    fix: 'look at the source, or lower --min-rating and --min-count',
  })
}

type ReportWithoutTime = Omit<ImportReport, 'seconds'>

function report(
  { options, plan, counts, known, ids, unreadTitleColumns }: PreparedImport,
  manifest: DatasetManifest,
  rejects: RejectLog,
  rejectsFile: string | undefined,
): ReportWithoutTime {
  const sum = (column: keyof (typeof counts)[number]) =>
    counts.reduce((total, count) => total + (count[column] ?? 0), 0)
  const { users, items, interactions } = manifest.counts
  return {
    dataset: options.out.uri,
    digest: manifest.digest,
    changed: true,
    skipped: plan.skipped,
    rowsRead: sum('rowsRead'),
    rowsKept: sum('kept'),
    rejected: sum('rejected'),
    ignoredEvents: sum('ignoredEvents'),
    duplicates: sum('duplicates'),
    belowMinRating: sum('belowMinRating'),
    belowMinCount: sum('belowMinCount'),
    users,
    items,
    newUsers: users - known.users.length,
    newItems: items - known.items.ids.length,
    interactions,
    density: interactions / (users * items),
    columns: manifest.columns,
    sourceColumns: sourceColumns(plan),
    unreadTitleColumns,
    droppedColumns: [
      ...(plan.hasWeight && !manifest.columns.includes('weight') ? ['rating'] : []),
      ...(plan.hasTime && !manifest.columns.includes('time') ? ['time'] : []),
    ],
    untitledItems: ids.items.titles?.filter((title) => title === '').length ?? null,
    parts: manifest.parts.length,
    rejectsFile: rejectsFile ?? null,
    rejects: rejects.kept.slice(0, shownRejects),
  }
}

function sourceColumns({ sources: [first] }: ImportPlan): ImportReport['sourceColumns'] {
  const read = columnList(first.columns).map(({ name }) => name)
  return { read, unread: first.layout.names.filter((name) => !read.includes(name)) }
}

/** The report where nothing was there to add. */
function unchanged(dataset: Dataset, plan: ImportPlan): ReportWithoutTime {
  const { counts, digest, columns, parts } = dataset.manifest
  return {
    dataset: dataset.store.uri,
    digest,
    changed: false,
    skipped: plan.skipped,
    rowsRead: 0,
    rowsKept: 0,
    rejected: 0,
    ignoredEvents: 0,
    duplicates: 0,
    belowMinRating: 0,
    belowMinCount: 0,
    ...counts,
    newUsers: 0,
    newItems: 0,
    density: counts.interactions / (counts.users * counts.items),
    columns,
    sourceColumns: { read: [], unread: [] },
    unreadTitleColumns: [],
    droppedColumns: [],
    untitledItems: null,
    parts: parts.length,
    rejectsFile: null,
    rejects: [],
  }
}
