import { type DataType, tableFromArrays, tableToIPC } from '@uwdata/flechette'
import { type ArrowColumn, openArrowBatch } from './arrow-batch.ts'

/**
 * The table inside a bucket: one Arrow record batch in IPC stream format, small enough to be a KV value.
 *
 * Cells are read one at a time, straight from the batch's buffers, so that finding one user costs that user's
 * strings and no others. Ids are plain `Utf8`, not dictionary-encoded: for 128 users with 100 items and 50 of
 * history each, a dictionary saves 18 % of 193 kB on a catalogue of 3,500 short ids, 2 % of 324 kB on 50,000
 * ids of ten characters, and costs 3 % on a million UUIDs; but flechette decodes a dictionary whole when it
 * opens a table, so that finding one user takes 520, 2,000 and 3,400 us instead of about 55.
 */
export class BucketTable {
  readonly rowCount: number
  readonly #columns: Map<string, ArrowColumn>

  /**
   * @param columns those that will be asked for; a table may have more
   * @throws BucketError where `bytes` hold no such table
   */
  constructor(bytes: Uint8Array, columns: readonly string[]) {
    try {
      // Arrow's buffers are read in place as 32-bit arrays, which must begin at a multiple of their width.
      const batch = openArrowBatch(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice())
      const missing = columns.find((name) => !batch.columns.has(name))
      if (missing !== undefined) throw new Error(`no column "${missing}"`)
      this.rowCount = batch.rowCount
      this.#columns = batch.columns
    } catch (cause) {
      throw new BucketError('this is no bucket', { cause })
    }
  }

  has(column: string): boolean {
    return this.#columns.has(column)
  }

  /** The row whose `column` is `text`, or -1. Compares bytes: no row is decoded on the way. */
  findRow(column: string, text: string): number {
    if (this.rowCount === 0) return -1
    const { offsets, values } = this.#column(column)
    const wanted = encoder.encode(text)
    const length = wanted.length
    let start = offsets[0] as number
    for (let row = 0; row < this.rowCount; row++) {
      const end = offsets[row + 1] as number
      if (end - start === length) {
        // From the end: ids that are counted up begin alike.
        let left = length
        while (left > 0 && values[start + left - 1] === wanted[left - 1]) left--
        if (left === 0) return row
      }
      start = end
    }
    return -1
  }

  text(column: string, row: number): string {
    return textAt(this.#column(column), row)
  }

  number(column: string, row: number): number {
    return Number(this.#column(column).values[row])
  }

  /** A list of texts, or the first of it. */
  texts(column: string, row: number, most = Number.POSITIVE_INFINITY): string[] {
    const { start, end, child } = this.#list(column, row, most)
    const { offsets, values } = child
    const first = offsets[start] as number
    const bytes = (offsets[end] as number) - first
    const together = decoder.decode((values as Uint8Array).subarray(first, first + bytes))
    // In ASCII a byte is a character, so one call to the decoder does for the whole list.
    const allAscii = together.length === bytes
    const texts: string[] = []
    for (let i = start; i < end; i++) {
      texts.push(
        allAscii
          ? together.slice((offsets[i] as number) - first, (offsets[i + 1] as number) - first)
          : textAt(child, i),
      )
    }
    return texts
  }

  /** A list of numbers, or the first of it. */
  numbers(column: string, row: number, most = Number.POSITIVE_INFINITY): number[] {
    const { start, end, child } = this.#list(column, row, most)
    const numbers: number[] = []
    for (let i = start; i < end; i++) numbers.push(child.values[i] as number)
    return numbers
  }

  #list(column: string, row: number, most: number) {
    const { offsets, child } = this.#column(column)
    if (child === undefined) throw new BucketError(`column "${column}" holds no lists`)
    const start = offsets[row] as number
    return { start, end: Math.min(offsets[row + 1] as number, start + most), child }
  }

  #column(name: string): ArrowColumn {
    const column = this.#columns.get(name)
    if (column === undefined) throw new BucketError(`no column "${name}"`)
    return column
  }
}

/** Bytes that were to be a bucket and are not. */
export class BucketError extends Error {
  override readonly name = 'BucketError'
}

/** Writes a bucket: columns of equal length, with their types. */
export function encodeBucketTable(
  columns: Record<string, { type: DataType; values: unknown[] }>,
): Uint8Array {
  const entries = Object.entries(columns)
  const table = tableFromArrays(Object.fromEntries(entries.map(([name, column]) => [name, column.values])), {
    types: Object.fromEntries(entries.map(([name, column]) => [name, column.type])),
  })
  const bytes = tableToIPC(table, { format: 'stream' })
  if (bytes === null) throw new BucketError('nothing was encoded')
  return bytes
}

const encoder = new TextEncoder()

// Without ignoreBOM a text that begins with U+FEFF would lose it, and be another id.
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

function textAt({ offsets, values }: ArrowColumn, row: number): string {
  return decoder.decode((values as Uint8Array).subarray(offsets[row], offsets[row + 1]))
}
