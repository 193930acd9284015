import { encodeFoldInPart, type FoldInHead, foldInPartItems } from '../../shared/fold-in-part.ts'
import { foldInHeadKey, foldInPartKey } from '../../shared/kv-keys.ts'
import type { FoldInWeights } from '../engine/fold-in/fold-in-weights.ts'
import { encodeJson } from './pointer.ts'
import type { VersionWriter } from './version-writer.ts'

export const foldInPartCount = (items: number) => Math.ceil(items / foldInPartItems)

/** Writes a version's fold-in component, rounded to eight bits. */
export async function writeFoldInParts(
  versionId: string,
  itemIds: readonly string[],
  weights: FoldInWeights,
  writer: VersionWriter,
): Promise<void> {
  const { items, hidden, hiddenBias, outputBias } = weights
  const parts = foldInPartCount(items)
  for (let n = 0; n < parts; n++) {
    const begin = n * foldInPartItems
    const end = Math.min(begin + foldInPartItems, items)
    const encoder = roundRows(weights.encoder.subarray(begin * hidden, end * hidden), hidden)
    const decoder = roundRows(weights.decoder.subarray(begin * hidden, end * hidden), hidden)
    const part = {
      itemIds: itemIds.slice(begin, end),
      encoder: encoder.values,
      encoderScales: encoder.scales,
      decoder: decoder.values,
      decoderScales: decoder.scales,
      outputBias: outputBias.slice(begin, end),
    }
    await writer.put(foldInPartKey(versionId, n), encodeFoldInPart(part, hidden))
  }
  const head: FoldInHead = { items, hidden, parts, hiddenBias: Array.from(hiddenBias) }
  await writer.put(foldInHeadKey(versionId), encodeJson(head))
}

/** Each row as whole numbers from -127 to 127 times a scale of its own, which its largest number decides. */
export function roundRows(
  matrix: Float32Array,
  columns: number,
): { values: Int8Array; scales: Float32Array } {
  const values = new Int8Array(matrix.length)
  const scales = new Float32Array(matrix.length / columns)
  for (let row = 0; row < scales.length; row++) {
    const begin = row * columns
    let largest = 0
    for (let k = begin; k < begin + columns; k++) largest = Math.max(largest, Math.abs(matrix[k]))
    scales[row] = largest / 127
    if (largest === 0) continue
    for (let k = begin; k < begin + columns; k++) values[k] = Math.round(matrix[k] / scales[row])
  }
  return { values, scales }
}
