import type { Column, Layout } from './column-roles.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { readJsonLines } from './read-json-lines.ts'
import { readParquet } from './read-parquet.ts'
import { type Place, RecordReader } from './record-reader.ts'
import type { Source } from './source.ts'
import { textBytes } from './source-bytes.ts'
import { dialects } from './text-layout.ts'

/** A value as it stands in the source; undefined where there is none (null, a missing key). */
export type RowValue = string | undefined

/** Takes a source's rows in order. */
export interface RowHandler {
  /** @param values one for each column that was asked for, in that order */
  row(values: RowValue[], place: Place): void
  /** @param column the column's name; '' where the row as a whole is broken */
  broken(reason: string, column: string, place: Place): void
}

export interface RowReading {
  source: Source
  layout: Layout
  columns: Column[]
  handler: RowHandler
  session: DuckDbSession
  signal?: AbortSignal | undefined
  /** Told how many bytes were read since the last call. */
  onBytes?: (count: number) => void
}

/**
 * Reads some columns of a source, row by row, whatever its format.
 *
 * @throws NightjarError SOURCE_UNREADABLE where the file as a whole is broken; bad rows are told to the handler
 */
export async function readRows(reading: RowReading): Promise<void> {
  const { format } = reading.source
  if (format === 'parquet') return readParquet(reading)
  if (format === 'jsonl') return readJsonLines(reading)
  const { layout, columns, handler } = reading
  const width = layout.names.length
  let isHeader = layout.hasHeader
  const reader = new RecordReader(dialects[format], {
    record(fields, place) {
      if (isHeader) {
        isHeader = false
      } else if (fields.length !== width && !hasEmptyRest(fields, width)) {
        handler.broken(`${fields.length} columns, not ${width}`, '', place)
      } else {
        handler.row(
          columns.map((column) => fields[column.index]),
          place,
        )
      }
    },
    broken: (reason, place) => handler.broken(reason, '', place),
  })
  await pushAll(reader, reading)
}

/** Some writers end every row with delimiters. DuckDB allows that, and so does this. */
function hasEmptyRest(fields: string[], width: number): boolean {
  return fields.length > width && fields.slice(width).every((field) => field === '')
}

/** Sends a source's whole text through a reader. */
export async function pushAll(reader: RecordReader, reading: RowReading): Promise<void> {
  for await (const chunk of textBytes(reading.source, reading.signal)) {
    reader.push(chunk)
    reading.onBytes?.(chunk.byteLength)
  }
  reader.end()
}
