import { NightjarError } from '../../errors.ts'
import {
  findInteractionColumns,
  type InteractionColumns,
  type Layout,
  type NamedColumns,
} from './column-roles.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { stageFast } from './fast-path.ts'
import { InteractionSink } from './interaction-sink.ts'
import { jsonLayout } from './read-json-lines.ts'
import { parquetLayout } from './read-parquet.ts'
import { readRows } from './read-rows.ts'
import type { RejectLog } from './reject-log.ts'
import type { Source } from './source.ts'
import type { Survey } from './survey.ts'
import { textLayout } from './text-layout.ts'

/** A source whose columns are known. */
export interface PlannedSource {
  source: Source
  survey: Survey
  layout: Layout
  columns: InteractionColumns
}

/** Rows are numbered from 0 over all sources, in 32 bits. */
const rowsMax = 0xffff_ffff

/** Makes the table that good rows are staged in: `row` numbers them in the order of the sources. */
export async function createStaging(session: DuckDbSession): Promise<void> {
  await session.run(
    `CREATE TABLE staged (row UINTEGER, source UINTEGER, "user" VARCHAR, item VARCHAR, weight FLOAT, time BIGINT)`,
  )
}

/** Finds a source's columns. @throws NightjarError MISSING_COLUMN, SOURCE_HEADER, SOURCE_UNREADABLE */
export async function layoutOf(
  session: DuckDbSession,
  source: Source,
  survey: Survey,
  hasHeader = true,
): Promise<Layout> {
  if (source.format === 'parquet') return parquetLayout(session, source)
  if (source.format === 'jsonl') return jsonLayout(source, survey.head)
  return textLayout(source, survey.head, hasHeader)
}

export async function planSource(
  session: DuckDbSession,
  source: Source,
  survey: Survey,
  named: NamedColumns,
  hasHeader: boolean,
): Promise<PlannedSource> {
  const layout = await layoutOf(session, source, survey, hasHeader)
  return { source, survey, layout, columns: findInteractionColumns(layout, named, source.label) }
}

/** Columns in the order in which rows are read. */
export function columnList({ user, item, weight, time }: InteractionColumns) {
  return [user, item, weight, time].filter((column) => column !== undefined)
}

/**
 * Reads a source's rows into `staged`: by DuckDB where the file is plain and every row good, else by our own
 * reader, which tells each bad row and where it stands.
 *
 * @param nextRow the number of the first row
 * @returns the number of the row after the last
 */
export async function stageSource(options: {
  session: DuckDbSession
  planned: PlannedSource
  sourceIndex: number
  nextRow: number
  rejects: RejectLog
  signal?: AbortSignal | undefined
  onBytes?: (count: number) => void
}): Promise<number> {
  const { session, planned, sourceIndex, nextRow, rejects } = options
  const { source, layout, columns } = planned
  const staged = await stageFast(session, planned, sourceIndex, nextRow)
  if (staged !== undefined) {
    options.onBytes?.(source.bytes)
    return checked(nextRow + staged, source)
  }
  const appender = await session.appender('staged')
  const sink = new InteractionSink({ columns, file: source.label, sourceIndex, appender, rejects, nextRow })
  await readRows({
    source,
    layout,
    columns: columnList(columns),
    handler: sink,
    session,
    signal: options.signal,
    ...(options.onBytes === undefined ? {} : { onBytes: options.onBytes }),
  })
  appender.closeSync()
  return checked(sink.nextRow, source)
}

function checked(rows: number, source: Source): number {
  if (rows <= rowsMax) return rows
  throw new NightjarError('IMPORT_ROWS', {
    what: `${source.label}: more than ${rowsMax} rows in one import`,
    fix: 'import it in pieces: the first as it is, the others with --append',
  })
}
