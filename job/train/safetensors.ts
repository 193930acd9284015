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

/**
 * Reads a safetensors file of float32 arrays.
 *
 * @throws NightjarError SAFETENSORS where it is none, is cut short, or holds another type
 */
export async function readSafetensors(
  store: Store,
  path: string,
): Promise<{ tensors: Map<string, NamedTensor>; metadata: Record<string, string> }> {
  const bytes = await store.read(path)
  const fail = (what: string): never => {
    throw new NightjarError('SAFETENSORS', {
      what: `${store.uri}/${path}: ${what}`,
      why: 'a copy that broke off, or no safetensors file',
      fix: 'train again, or resume from another checkpoint',
    })
  }
  if (bytes.length < 8) return fail(`${bytes.length} bytes are too few for a header`)
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  if (headerLength > bytes.length - 8)
    return fail(`its header says ${headerLength} bytes, the file has ${bytes.length}`)
  let header: Record<string, HeaderEntry>
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)))
  } catch {
    return fail('its header is not JSON')
  }
  const tensors = new Map<string, NamedTensor>()
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const [begin, end] = entry.data_offsets
    if (entry.dtype !== 'F32') return fail(`"${name}" is of type ${entry.dtype}, want F32`)
    if (8 + headerLength + end > bytes.length) return fail(`"${name}" ends behind the end of the file`)
    // A copy: the array may not lie at a multiple of four bytes.
    const data = new Float32Array(bytes.slice(8 + headerLength + begin, 8 + headerLength + end).buffer)
    const want = entry.shape.reduce((product, length) => product * length, 1)
    if (data.length !== want) return fail(`"${name}" holds ${data.length} numbers, its shape says ${want}`)
    tensors.set(name, { name, shape: entry.shape, data })
  }
  return { tensors, metadata: (header.__metadata__ ?? {}) as unknown as Record<string, string> }
}
