import { fixedSizeBinary, float32, tableFromArrays, tableFromIPC, tableToIPC, utf8 } from '@uwdata/flechette'
import { BucketError } from './bucket-table.ts'

/**
 * Up to how many items lists are made from a history alone. A worker holds 2 bytes for every item and hidden unit, 21 MB
 * for as many items and 160 units, of the 128 MB that all of its requests share.
 */
export const foldInItemsMax = 65_536

/** Items of a part: 5 MB of weights with 160 hidden units, so that every value stays below 10 MB. */
export const foldInPartItems = 16_384

/** `v/<versionId>/foldin`, as JSON: what the parts have in common. */
export interface FoldInHead {
  items: number
  hidden: number
  parts: number
  /** `[hidden]` */
  hiddenBias: number[]
}

/**
 * The fold-in component for consecutive items of the catalogue, `v/<versionId>/foldin/<n>`: an Arrow stream of one batch.
 *
 * Weights are whole numbers from -127 to 127 times a scale of the row's own.
 */
export interface FoldInPart {
  itemIds: string[]
  /** `[items, hidden]` */
  encoder: Int8Array
  /** `[items]` */
  encoderScales: Float32Array
  /** `[items, hidden]` */
  decoder: Int8Array
  /** `[items]` */
  decoderScales: Float32Array
  /** `[items]` */
  outputBias: Float32Array
}

export function encodeFoldInPart(part: FoldInPart, hidden: number): Uint8Array {
  const bytes = (matrix: Int8Array) =>
    part.itemIds.map((_, item) => new Uint8Array(matrix.buffer, matrix.byteOffset + item * hidden, hidden))
  const table = tableFromArrays(
    {
      item_id: part.itemIds,
      encoder: bytes(part.encoder),
      encoder_scale: part.encoderScales,
      decoder: bytes(part.decoder),
      decoder_scale: part.decoderScales,
      output_bias: part.outputBias,
    },
    {
      types: {
        item_id: utf8(),
        encoder: fixedSizeBinary(hidden),
        encoder_scale: float32(),
        decoder: fixedSizeBinary(hidden),
        decoder_scale: float32(),
        output_bias: float32(),
      },
    },
  )
  const encoded = tableToIPC(table, { format: 'stream' })
  if (encoded === null) throw new BucketError('nothing was encoded')
  return encoded
}

/** @throws BucketError where `bytes` hold no such part */
export function decodeFoldInPart(bytes: Uint8Array, hidden: number): FoldInPart {
  try {
    const table = tableFromIPC(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice())
    const values = (column: string, length: number) => {
      const found = table.getChild(column).data[0]?.values as Uint8Array | Float32Array
      if (found.length < length) throw new Error(`column "${column}" is too short`)
      return found.subarray(0, length)
    }
    const items = table.numRows
    const weights = (column: string) => {
      const { buffer, byteOffset } = values(column, items * hidden)
      return new Int8Array(buffer, byteOffset, items * hidden)
    }
    return {
      itemIds: Array.from(table.getChild('item_id') as Iterable<string>),
      encoder: weights('encoder'),
      encoderScales: values('encoder_scale', items) as Float32Array,
      decoder: weights('decoder'),
      decoderScales: values('decoder_scale', items) as Float32Array,
      outputBias: values('output_bias', items) as Float32Array,
    }
  } catch (cause) {
    throw new BucketError('this is no part of a fold-in component', { cause })
  }
}
