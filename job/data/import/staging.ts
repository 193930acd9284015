import { NightjarError } from '../../errors.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { EventReader } from './event-weights.ts'
import { stageFast } from './fast-path.ts'
import { InteractionSink } from './interaction-sink.ts'
import { columnList, type PlannedSource } from './plan-source.ts'
import { readRows } from './read-rows.ts'
import type { RejectLog } from './reject-log.ts'
import type { Source } from './source.ts'

/** Rows are numbered from 0 over all sources, in 32 bits. */
const rowsMax = 0xffff_ffff

/** Makes the table that good rows are staged in: `row` numbers them in the order of the sources. */
export async function createStaging(session: DuckDbSession): Promise<void> {
  await session.run(
    `CREATE TABLE staged (row UINTEGER, source UINTEGER, "user" VARCHAR, item VARCHAR, weight FLOAT, time BIGINT)`,
  )
}

/**
 * Reads a source's rows into `staged`: by DuckDB where the file is plain and every row good, else by our own
 * reader, which tells each bad row and where it stands.
 *
 * @param nextRow the number of the first row
 * @returns the number of the row after the last, and how many good rows were left out for their event
 * @throws NightjarError UNKNOWN_EVENT
 */
export async function stageSource(options: {
  session: DuckDbSession
  planned: PlannedSource
  sourceIndex: number
  nextRow: number
  rejects: RejectLog
  signal?: AbortSignal | undefined
  onBytes?: (count: number) => void
}): Promise<{ nextRow: number; ignoredEvents: number }> {
  const { session, planned, sourceIndex, nextRow, rejects } = options
  const { source, layout, columns } = planned
  const staged = await stageFast(session, planned, sourceIndex, nextRow)
  if (staged !== undefined) {
    options.onBytes?.(source.bytes)
    return { nextRow: checked(nextRow + staged, source), ignoredEvents: 0 }
  }
  const appender = await session.appender('staged')
  const events = planned.events && new EventReader(planned.events)
  const sink = new InteractionSink({
    columns,
    file: source.label,
    sourceIndex,
    appender,
    rejects,
    events,
    nextRow,
  })
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
  events?.refuseUnknown(source.label)
  return { nextRow: checked(sink.nextRow, source), ignoredEvents: events?.ignored ?? 0 }
}

function checked(rows: number, source: Source): number {
  if (rows <= rowsMax) return rows
  throw new NightjarError('IMPORT_ROWS', {
    what: `${source.label}: more than ${rowsMax} rows in one import`,
    fix: 'import it in pieces: the first as it is, the others with --append',
  })
}
