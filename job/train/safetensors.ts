import { NightjarError } from '../errors.ts'
import type { Store, Written } from '../store/store.ts'

/** A named float32 array, as a safetensors file holds it. */
export interface NamedTensor {
  name: string
  shape: number[]
  data: Float32Array
}

/** What a header says of one tensor. Offsets count from the end of the header. */
interface HeaderEntry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

/**
 * Writes float32 tensors and text metadata as one safetensors file: eight bytes of header length, a JSON
 * header, then the arrays one after the other.
 *
 * @see https://github.com/huggingface/safetensors (format)
 */
export function writeSafetensors(
  store: Store,
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Record<string, string>,
): Promise<Written> {
  const header: Record<string, HeaderEntry | Record<string, string>> = { __metadata__: metadata }
  let offset = 0
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = JSON.stringify(header)
  // The arrays begin at a multiple of eight bytes; the header is padded with blanks, as the format asks.
  const text = new TextEncoder().encode(json)
  const padded = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20)
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true)
  padded.set(text, 8)
  return store.put(path, chunks())

  async function* chunks() {
    yield padded
    for (const { data } of tensors) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
}

/** A safetensors file of float32 arrays, its header read: an array, or some of its rows, is read when asked for. */
export class SafetensorsFile {
  readonly metadata: Record<string, string>
  readonly #store: Store
  readonly #path: string
  readonly #entries: Map<string, HeaderEntry>
  /** Where the arrays begin. */
  readonly #start: number

  constructor(
    store: Store,
    path: string,
    entries: Map<string, HeaderEntry>,
    metadata: Record<string, string>,
    start: number,
  ) {
    this.#store = store
    this.#path = path
    this.#entries = entries
    this.metadata = metadata
    this.#start = start
  }

  get names(): string[] {
    return [...this.#entries.keys()]
  }

  /** Undefined where there is no such array. */
  shapeOf(name: string): number[] | undefined {
    return this.#entries.get(name)?.shape
  }

  /** An array that is there, or some of its rows: those of its first axis. */
  async read(name: string, rows?: { first: number; count: number }): Promise<Float32Array> {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw new RangeError(`no array ${name} in ${this.#path}`)
    const [begin, end] = entry.data_offsets
    const rowBytes = rows === undefined ? end - begin : (end - begin) / entry.shape[0]
    const offset = this.#start + begin + (rows?.first ?? 0) * rowBytes
    const length = (rows?.count ?? 1) * rowBytes
    const bytes = length === 0 ? new Uint8Array() : await this.#store.read(this.#path, { offset, length })
    if (bytes.length !== length) {
      throw brokenFile(this.#store, this.#path, `"${name}" ends behind the end of the file`)
    }
    // A copy where the bytes do not lie at a multiple of four.
    const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
    return new Float32Array(whole.buffer, whole.byteOffset, length / 4)
  }
}

/**
 * Opens a safetensors file of float32 arrays.
 *
 * @throws NightjarError SAFETENSORS where it is none, is cut short, or holds another type
 */
export async function openSafetensors(store: Store, path: string): Promise<SafetensorsFile> {
  const fail = (what: string): never => {
    throw brokenFile(store, path, what)
  }
  const first = await store.read(path, { offset: 0, length: 8 })
  const size = (await store.size(path)) ?? 0
  if (first.length < 8) return fail(`${size} bytes are too few for a header`)
  const headerLength = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true))
  if (headerLength > size - 8) return fail(`its header says ${headerLength} bytes, the file has ${size}`)
  let header: Record<string, HeaderEntry>
  try {
    const bytes = await store.read(path, { offset: 8, length: headerLength })
    header = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return fail('its header is not JSON')
  }
  const { __metadata__: metadata, ...named } = header
  const entries = new Map(Object.entries(named))
  for (const [name, entry] of entries) {
    const [begin, end] = entry.data_offsets
    if (entry.dtype !== 'F32') return fail(`"${name}" is of type ${entry.dtype}, want F32`)
    if (8 + headerLength + end > size) return fail(`"${name}" ends behind the end of the file`)
    const numbers = (end - begin) / 4
    const want = entry.shape.reduce((product, length) => product * length, 1)
    if (numbers !== want) return fail(`"${name}" holds ${numbers} numbers, its shape says ${want}`)
  }
  const texts = (metadata ?? {}) as unknown as Record<string, string>
  return new SafetensorsFile(store, path, entries, texts, 8 + headerLength)
}

/** Reads a whole safetensors file; throws as {@link openSafetensors}. */
export async function readSafetensors(
  store: Store,
  path: string,
): Promise<{ tensors: Map<string, NamedTensor>; metadata: Record<string, string> }> {
  const file = await openSafetensors(store, path)
  const tensors = new Map<string, NamedTensor>()
  for (const name of file.names) {
    tensors.set(name, { name, shape: file.shapeOf(name) ?? [], data: await file.read(name) })
  }
  return { tensors, metadata: file.metadata }
}

function brokenFile(store: Store, path: string, what: string): NightjarError {
  return new NightjarError('SAFETENSORS', {
    what: `${store.uri}/${path}: ${what}`,
    why: 'a copy that broke off, or no safetensors file',
    fix: 'train again, or resume from another checkpoint',
  })
}
