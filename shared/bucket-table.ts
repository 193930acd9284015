import { type DataType, tableFromArrays, tableToIPC } from '@uwdata/flechette'
import { type ArrowBatch, type ArrowColumn, openArrowBatch } from './arrow-batch.ts'

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
  readonly #batch: ArrowBatch

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
      this.#batch = batch
    } catch (cause) {
      throw new BucketError('this is no bucket', { cause })
    }
  }

  get rowCount(): number {
    return this.#batch.rowCount
  }

  has(column: string): boolean {
    return this.#batch.columns.has(column)
  }

  /** The row whose `column` is `text`, or -1. Compares bytes: no row is decoded on the way. */
  findRow(column: string, text: string): number {
    if (this.rowCount === 0) return -1
    const { offsets, values } = this.#column(column)
    const { bytes, int32, rowCount } = this.#batch
    const wanted = utf8Of(text)
    const length = wanted.length
    let start = values + (int32[offsets] as number)
    for (let row = 0; row < rowCount; row++) {
      const end = values + (int32[offsets + row + 1] as number)
      if (end - start === length) {
        // From the end: ids that are counted up begin alike.
        let left = length
        while (left > 0 && bytes[start + left - 1] === wanted[left - 1]) left--
        if (left === 0) return row
      }
      start = end
    }
    return -1
  }

  text(column: string, row: number): string {
    return this.#textAt(this.#column(column), row)
  }

  number(column: string, row: number): number {
    return this.#numberAt(this.#column(column), row)
  }

  /** A list of texts, or the first of it. */
  texts(column: string, row: number, most = Number.POSITIVE_INFINITY): string[] {
    const { start, end, child } = this.#list(column, row, most)
    const texts: string[] = []
    if (start === end) return texts
    const offsets = this.#batch.int32.subarray(child.offsets + start, child.offsets + end + 1)
    const first = offsets[0] as number
    const length = (offsets[end - start] as number) - first
    const together = decoder.decode(
      this.#batch.bytes.subarray(child.values + first, child.values + first + length),
    )
    // In ASCII a byte is a character, so one call to the decoder does for the whole list.
    const allAscii = together.length === length
    for (let i = 0; i < end - start; i++) {
      texts.push(
        allAscii
          ? together.slice((offsets[i] as number) - first, (offsets[i + 1] as number) - first)
          : this.#textAt(child, start + i),
      )
    }
    return texts
  }

  /** A list of numbers, or the first of it. */
  numbers(column: string, row: number, most = Number.POSITIVE_INFINITY): number[] {
    const { start, end, child } = this.#list(column, row, most)
    const numbers: number[] = []
    for (let i = start; i < end; i++) numbers.push(this.#numberAt(child, i))
    return numbers
  }

  #list(column: string, row: number, most: number) {
    const { offsets, child } = this.#column(column)
    if (child === undefined) throw new BucketError(`column "${column}" holds no lists`)
    const { int32 } = this.#batch
    const start = int32[offsets + row] as number
    return { start, end: Math.min(int32[offsets + row + 1] as number, start + most), child }
  }

  #textAt({ offsets, values }: ArrowColumn, row: number): string {
    const { bytes, int32 } = this.#batch
    const start = int32[offsets + row] as number
    const end = int32[offsets + row + 1] as number
    return decoder.decode(bytes.subarray(values + start, values + end))
  }

  #numberAt({ values, isFloat }: ArrowColumn, row: number): number {
    const { float32, uint32 } = this.#batch
    return (isFloat ? float32 : uint32)[values + row] as number
  }

  #column(name: string): ArrowColumn {
    const column = this.#batch.columns.get(name)
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

/** An encoder is called for what is not ASCII alone: in a worker the call costs more than an id. */
function utf8Of(text: string): ArrayLike<number> {
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return encoder.encode(text)
    bytes.push(code)
  }
  return bytes
}
