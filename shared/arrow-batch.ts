/**
 * Opens one Arrow record batch in IPC stream format: views of its buffers, by column; nothing decoded, nothing copied.
 *
 * A worker opens a bucket for one user's row and often never again, so what opening costs is a part of what a list
 * costs. A general reader builds a schema, a table and a batch of every column first. This one walks the two
 * flatbuffers once, and reads what `encodeBucketTable` writes and no more: `Utf8`, 32-bit numbers, and lists of those,
 * little-endian, without nulls, dictionaries or compression.
 *
 * @see https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
export interface ArrowBatch {
  rowCount: number
  /** Empty, all of them, where there are no rows. */
  columns: Map<string, ArrowColumn>
}

export interface ArrowColumn {
  /** Of texts and lists, `[rows + 1]`: where each begins and the last ends. */
  offsets: Int32Array
  /** Of texts their UTF-8 bytes, of numbers the numbers, of lists nothing. */
  values: Uint8Array | Uint32Array | Float32Array
  /** Of lists what they hold, all after one another. */
  child: ArrowColumn | undefined
}

/**
 * @param bytes begin at a multiple of 8 in their buffer, as Arrow's own alignment asks
 * @throws RangeError, Error where the bytes hold no such batch
 */
export function openArrowBatch(bytes: Uint8Array): ArrowBatch {
  const schema = messageAt(bytes, 0, Header.schema)
  const fields = fieldsOf(schema.view, schema.header, Slot.fields)
  const nameOf = (field: number) => textSlot(schema.view, field, Slot.name)
  if (isEnd(bytes, schema.end)) {
    return { rowCount: 0, columns: new Map(fields.map((field) => [nameOf(field), emptyColumn])) }
  }
  const batch = messageAt(bytes, schema.end, Header.recordBatch)
  const { view } = batch
  const nodes = vector(view, slot(view, batch.header, Slot.nodes))
  const buffers = vector(view, slot(view, batch.header, Slot.buffers))
  if (slot(view, batch.header, Slot.compression) !== 0) throw new Error('a compressed batch')
  let node = 0
  let buffer = 0

  const nextLength = () => {
    if (node >= nodes.length) throw new Error('a column without its node')
    const at = nodes.start + 16 * node++
    if (int64(view, at + 8) !== 0) throw new Error('a column with nulls')
    return int64(view, at)
  }
  const nextBuffer = (bytesLeast: number) => {
    if (buffer >= buffers.length) throw new Error('a column without its buffer')
    const at = buffers.start + 16 * buffer++
    const start = int64(view, at)
    const length = int64(view, at + 8)
    if (length < bytesLeast || start + length > batch.bodyLength) throw new RangeError('a buffer out of bounds')
    return { start: bytes.byteOffset + batch.body + start, length }
  }
  const nextOffsets = (rows: number) => {
    // Without rows there may be no offsets either.
    const { start } = nextBuffer(rows === 0 ? 0 : 4 * (rows + 1))
    return rows === 0 ? none : new Int32Array(bytes.buffer, start, rows + 1)
  }
  const nextColumn = (field: number): ArrowColumn => {
    const rows = nextLength()
    nextBuffer(0) // which rows are null
    switch (uint8Slot(schema.view, field, Slot.typeOf)) {
      case Type.int: {
        const { start } = nextBuffer(4 * rows)
        return { offsets: none, values: new Uint32Array(bytes.buffer, start, rows), child: undefined }
      }
      case Type.float: {
        const { start } = nextBuffer(4 * rows)
        return { offsets: none, values: new Float32Array(bytes.buffer, start, rows), child: undefined }
      }
      case Type.utf8: {
        const offsets = nextOffsets(rows)
        const { start, length } = nextBuffer(offsets[rows] ?? 0)
        return { offsets, values: new Uint8Array(bytes.buffer, start, length), child: undefined }
      }
      case Type.list: {
        const offsets = nextOffsets(rows)
        const [childField] = fieldsOf(schema.view, field, Slot.children)
        if (childField === undefined) throw new Error('lists of nothing')
        return { offsets, values: nothing, child: nextColumn(childField) }
      }
      default:
        throw new Error('a column of another type')
    }
  }

  const columns = new Map<string, ArrowColumn>()
  for (const field of fields) columns.set(nameOf(field), nextColumn(field))
  return { rowCount: int64Slot(view, batch.header, Slot.rows), columns }
}

const none = new Int32Array(1)
const nothing = new Uint8Array(0)
const emptyColumn: ArrowColumn = { offsets: none, values: nothing, child: undefined }
const decoder = new TextDecoder()

const Header = { schema: 1, recordBatch: 3 } as const
const Type = { int: 2, float: 3, utf8: 5, list: 12 } as const

/** Where a field stands in its flatbuffer's vtable, as Arrow's Message.fbs and Schema.fbs order them. */
const Slot = {
  headerType: 6,
  header: 8,
  bodyLength: 10,
  // Of a schema.
  fields: 6,
  // Of a field.
  name: 4,
  typeOf: 8,
  children: 14,
  // Of a record batch.
  rows: 4,
  nodes: 6,
  buffers: 8,
  compression: 10,
} as const

/** The end of a stream: a message without a flatbuffer, or nothing. */
function isEnd(bytes: Uint8Array, start: number): boolean {
  if (start === bytes.byteLength) return true
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(start + 4, true) === 0
}

/** A message: 0xffffffff, the length of its flatbuffer, that, then the body. */
function messageAt(bytes: Uint8Array, start: number, wanted: number) {
  const whole = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (whole.getInt32(start, true) !== -1) throw new Error('no Arrow message')
  const length = whole.getInt32(start + 4, true)
  const view = new DataView(bytes.buffer, bytes.byteOffset + start + 8, length)
  const message = view.getInt32(0, true)
  if (uint8Slot(view, message, Slot.headerType) !== wanted) throw new Error('another Arrow message')
  const header = slot(view, message, Slot.header)
  const bodyLength = int64Slot(view, message, Slot.bodyLength)
  const body = start + 8 + length
  if (body + bodyLength > bytes.byteLength) throw new RangeError('a body that is cut off')
  return { view, header: header + view.getInt32(header, true), body, bodyLength, end: body + bodyLength }
}

/** Where a field of a flatbuffer's table lies; 0 where the table does not have it. */
function slot(view: DataView, table: number, field: number): number {
  const vtable = table - view.getInt32(table, true)
  if (field >= view.getUint16(vtable, true)) return 0
  const offset = view.getUint16(vtable + field, true)
  return offset === 0 ? 0 : table + offset
}

function uint8Slot(view: DataView, table: number, field: number): number {
  const at = slot(view, table, field)
  return at === 0 ? 0 : view.getUint8(at)
}

function int64Slot(view: DataView, table: number, field: number): number {
  const at = slot(view, table, field)
  return at === 0 ? 0 : int64(view, at)
}

function textSlot(view: DataView, table: number, field: number): string {
  const { start, length } = vector(view, slot(view, table, field))
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + start, length))
}

function vector(view: DataView, at: number): { start: number; length: number } {
  if (at === 0) return { start: 0, length: 0 }
  const start = at + view.getInt32(at, true)
  return { start: start + 4, length: view.getInt32(start, true) }
}

/** The tables of a vector of tables. */
function fieldsOf(view: DataView, table: number, field: number): number[] {
  const { start, length } = vector(view, slot(view, table, field))
  if (length * 4 > view.byteLength) throw new RangeError('more fields than bytes')
  return Array.from({ length }, (_, i) => start + 4 * i + view.getInt32(start + 4 * i, true))
}

/** No bucket is so large that the upper half matters, but it must be looked at. */
function int64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32
}
