/**
 * Opens one Arrow record batch in IPC stream format: where its buffers lie, by column; nothing decoded, nothing copied.
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
  columns: Map<string, ArrowColumn>
  /** The whole of the bytes, and the same as numbers: a view for each buffer would cost more than the walk. */
  bytes: Uint8Array
  int32: Int32Array
  uint32: Uint32Array
  float32: Float32Array
}

export interface ArrowColumn {
  /** Of texts and lists, the place in `int32` of `[rows + 1]` offsets: where each begins and the last ends. */
  offsets: number
  /** Of texts the place in `bytes` of their UTF-8, of numbers their place in `float32` or `uint32`. */
  values: number
  isFloat: boolean
  /** Of lists what they hold, all after one another. */
  child: ArrowColumn | undefined
}

/**
 * @param bytes begin at a multiple of 8 in their buffer, as Arrow's own alignment asks
 * @throws RangeError, Error where the bytes hold no such batch
 */
export function openArrowBatch(bytes: Uint8Array): ArrowBatch {
  const schema = messageAt(bytes, 0, Header.schema)
  const fields = tablesOf(schema.view, schema.header, Slot.fields)
  const columns = new Map<string, ArrowColumn>()
  const words = bytes.byteLength >> 2
  const opened = {
    columns,
    bytes,
    int32: new Int32Array(bytes.buffer, bytes.byteOffset, words),
    uint32: new Uint32Array(bytes.buffer, bytes.byteOffset, words),
    float32: new Float32Array(bytes.buffer, bytes.byteOffset, words),
  }
  if (isEnd(bytes, schema.end)) {
    for (const field of fields) columns.set(nameOf(schema.view, field), noRows)
    return { ...opened, rowCount: 0 }
  }
  const batch = messageAt(bytes, schema.end, Header.recordBatch)
  const layout = new Layout(batch)
  for (const field of fields) columns.set(nameOf(schema.view, field), columnOf(schema.view, field, layout))
  return { ...opened, rowCount: int64Slot(batch.view, batch.header, Slot.rows) }
}

const noRows: ArrowColumn = { offsets: 0, values: 0, isFloat: false, child: undefined }

/** A column, and what is in it if it holds lists: fields are laid out depth first, each with its validity before it. */
function columnOf(schema: DataView, field: number, layout: Layout): ArrowColumn {
  const rows = layout.nextRows()
  layout.nextBuffer(0) // which rows are null
  // Without rows there may be no offsets either.
  const offsetBytes = rows === 0 ? 0 : 4 * (rows + 1)
  const type = uint8Slot(schema, field, Slot.typeOf)
  switch (type) {
    case Type.int:
    case Type.float:
      return { ...noRows, values: layout.nextBuffer(4 * rows) >> 2, isFloat: type === Type.float }
    case Type.utf8:
      return { ...noRows, offsets: layout.nextBuffer(offsetBytes) >> 2, values: layout.nextBuffer(0) }
    case Type.list: {
      const offsets = layout.nextBuffer(offsetBytes) >> 2
      const [child] = tablesOf(schema, field, Slot.children)
      if (child === undefined) throw new Error('lists of nothing')
      return { ...noRows, offsets, child: columnOf(schema, child, layout) }
    }
    default:
      throw new Error('a column of another type')
  }
}

/** A record batch's nodes and buffers, one after the other. */
class Layout {
  readonly #view: DataView
  readonly #body: number
  readonly #bodyLength: number
  #node: number
  readonly #nodesEnd: number
  #buffer: number
  readonly #buffersEnd: number

  constructor({ view, header, body, bodyLength }: Message) {
    if (slot(view, header, Slot.compression) !== 0) throw new Error('a compressed batch')
    this.#view = view
    this.#body = body
    this.#bodyLength = bodyLength
    const nodes = vector(view, slot(view, header, Slot.nodes))
    this.#node = nodes.start
    this.#nodesEnd = nodes.start + 16 * nodes.length
    const buffers = vector(view, slot(view, header, Slot.buffers))
    this.#buffer = buffers.start
    this.#buffersEnd = buffers.start + 16 * buffers.length
  }

  nextRows(): number {
    const at = this.#node
    if (at >= this.#nodesEnd) throw new Error('a column without its node')
    this.#node += 16
    if (int64(this.#view, at + 8) !== 0) throw new Error('a column with nulls')
    return int64(this.#view, at)
  }

  /** Where the next buffer begins in the bytes; it has `least` bytes or more. */
  nextBuffer(least: number): number {
    const at = this.#buffer
    if (at >= this.#buffersEnd) throw new Error('a column without its buffer')
    this.#buffer += 16
    const start = int64(this.#view, at)
    const length = int64(this.#view, at + 8)
    if (length < least || start + length > this.#bodyLength) throw new RangeError('a buffer out of bounds')
    return this.#body + start
  }
}

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

interface Message {
  /** Its flatbuffer. */
  view: DataView
  header: number
  body: number
  bodyLength: number
  /** Where the next one begins. */
  end: number
}

/** A message: 0xffffffff, the length of its flatbuffer, that, then the body. */
function messageAt(bytes: Uint8Array, start: number, wanted: number): Message {
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

/** A field's name: ours are ASCII, and a decoder costs more than they do. */
function nameOf(view: DataView, field: number): string {
  const { start, length } = vector(view, slot(view, field, Slot.name))
  let name = ''
  for (let i = 0; i < length; i++) name += String.fromCharCode(view.getUint8(start + i))
  return name
}

function vector(view: DataView, at: number): { start: number; length: number } {
  if (at === 0) return { start: 0, length: 0 }
  const start = at + view.getInt32(at, true)
  return { start: start + 4, length: view.getInt32(start, true) }
}

/** The tables of a vector of tables. */
function tablesOf(view: DataView, table: number, field: number): number[] {
  const { start, length } = vector(view, slot(view, table, field))
  const tables: number[] = []
  for (let i = 0, at = start; i < length; i++, at += 4) tables.push(at + view.getInt32(at, true))
  return tables
}

/** No bucket is so large that the upper half matters, but it must be looked at. */
function int64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32
}
