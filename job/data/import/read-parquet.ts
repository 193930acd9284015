import { NightjarError } from '../../errors.ts'
import type { Column, Layout } from './column-roles.ts'
import { type DuckDbSession, firstLine, sqlName, sqlText } from './duckdb-session.ts'
import type { Place } from './record-reader.ts'
import type { RowReading, RowValue } from './row-reading.ts'
import { localPath, type Source } from './source.ts'

/** A Parquet file's columns and their DuckDB types. */
export interface ParquetLayout extends Layout {
  types: string[]
}

/** The source as an SQL table. */
export function parquetTable(source: Source): string {
  // Older writers leave out the mark that tells text from bytes.
  return `read_parquet(${sqlText(localPath(source))}, binary_as_string = true)`
}

/** @throws NightjarError SOURCE_UNREADABLE where the footer cannot be read */
export async function parquetLayout(session: DuckDbSession, source: Source): Promise<ParquetLayout> {
  const described = await readable(source, () =>
    session.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${parquetTable(source)})`),
  )
  return {
    names: described.map(([name]) => String(name)),
    types: described.map(([, type]) => String(type)),
    hasHeader: true,
    isNamed: true,
  }
}

/** Reads a Parquet file row by row, every value as text. */
export async function readParquet(reading: RowReading): Promise<void> {
  const { source, columns, handler, session } = reading
  const layout = reading.layout as ParquetLayout
  const texts = columns.map((column) => textSql(layout, column)).join(', ')
  const place = new ParquetPlace()
  const chunks = session.stream(`SELECT ${texts} FROM ${parquetTable(source)}`)
  await readable(source, async () => {
    for await (const chunk of chunks) {
      const vectors = columns.map((_, i) => chunk.getColumnVector(i))
      for (let row = 0; row < chunk.rowCount; row++) {
        place.line++
        place.values = vectors.map((vector) => (vector.getItem(row) as string | null) ?? undefined)
        handler.row(place.values, place)
      }
    }
  })
  reading.onBytes?.(source.bytes)
}

/**
 * A column's value as text. Whole numbers that a data frame stored as doubles (which is what pandas does with a
 * column that has gaps) read as whole numbers, and NaN as null.
 */
export function textSql(layout: ParquetLayout, column: Column): string {
  const name = sqlName(column.name)
  const type = layout.types[column.index] ?? ''
  if (type !== 'DOUBLE' && type !== 'FLOAT') return `CAST(${name} AS VARCHAR)`
  return `CASE WHEN isnan(${name}) THEN NULL
    WHEN ${name} = trunc(${name}) AND abs(${name}) < 9e15 THEN CAST(CAST(${name} AS BIGINT) AS VARCHAR)
    ELSE CAST(${name} AS VARCHAR) END`
}

/** In Parquet a row has a number and no line. */
class ParquetPlace implements Place {
  line = 0
  values: RowValue[] = []

  text(): string {
    return this.values.map((value) => value ?? '').join(',')
  }

  isUtf8(): boolean {
    return true
  }
}

async function readable<T>(source: Source, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof NightjarError) throw cause
    throw new NightjarError('SOURCE_UNREADABLE', {
      what: `${source.label}: DuckDB cannot read it as Parquet: ${firstLine(cause instanceof Error ? cause.message : String(cause))}`,
      why: 'a copy that broke off, or binary junk',
      fix: 'copy the file again, or export it anew',
      cause,
    })
  }
}
