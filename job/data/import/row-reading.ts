import type { Column, Layout } from './column-roles.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import type { Place, RecordReader } from './record-reader.ts'
import type { Source } from './source.ts'
import { textBytes } from './source-bytes.ts'

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

/** Sends a source's whole text through a reader. */
export async function pushAll(reader: RecordReader, reading: RowReading): Promise<void> {
  for await (const chunk of textBytes(reading.source, reading.signal)) {
    reader.push(chunk)
    reading.onBytes?.(chunk.byteLength)
  }
  reader.end()
}
