import type { FoldInPart } from '../../shared/fold-in-part.ts'
import { hiddenScale } from './wasm-scores.ts'

/** The same as `WasmScores`, bit by bit, in plain JavaScript: what it is tested against. */
export function plainScores(
  { decoder, decoderScales, outputBias }: FoldInPart,
  layer: Float32Array,
): Float32Array {
  const hidden = layer.length
  const rounded = Int16Array.from(layer, (h) => Math.round(h / hiddenScale))
  return Float32Array.from({ length: outputBias.length }, (_, item) => {
    let sum = 0
    for (let k = 0; k < hidden; k++) sum += (rounded[k] as number) * (decoder[item * hidden + k] as number)
    const scale = Math.fround(Math.fround(hiddenScale) * (decoderScales[item] as number))
    return Math.fround((outputBias[item] as number) + Math.fround(scale * Math.fround(sum)))
  })
}
