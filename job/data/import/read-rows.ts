import { readJsonLines } from './read-json-lines.ts'
import { readParquet } from './read-parquet.ts'
import { RecordReader } from './record-reader.ts'
import { pushAll, type RowReading } from './row-reading.ts'
import { dialects } from './text-layout.ts'

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
