import {
  findInteractionColumns,
  type InteractionColumns,
  type Layout,
  type NamedColumns,
} from './column-roles.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import type { EventWeights } from './event-weights.ts'
import { jsonLayout } from './read-json-lines.ts'
import { parquetLayout } from './read-parquet.ts'
import type { Source } from './source.ts'
import type { Survey } from './survey.ts'
import { textLayout } from './text-layout.ts'

/** A source whose columns are known. */
export interface PlannedSource {
  source: Source
  survey: Survey
  layout: Layout
  columns: InteractionColumns
  /** What the column of weights holds, where it holds events. */
  events?: EventWeights | undefined
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
  events?: EventWeights,
): Promise<PlannedSource> {
  const layout = await layoutOf(session, source, survey, hasHeader)
  const columns = findInteractionColumns(layout, named, source.label, events !== undefined)
  return { source, survey, layout, columns, events }
}

/** Columns in the order in which rows are read. */
export function columnList({ user, item, weight, time }: InteractionColumns) {
  return [user, item, weight, time].filter((column) => column !== undefined)
}
