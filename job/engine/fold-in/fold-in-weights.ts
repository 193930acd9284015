/**
 * The fold-in component: an autoencoder over rows of the rating matrix that stands alone, so that it scores the whole
 * catalogue for a history that it has never seen.
 *
 *   h = tanh(b1 + sum over the n items i of the history of V_i / sqrt(n))        [hidden]
 *   score_j = b2_j + h . W_j                                                     [items]
 *
 * An empty history is scored by the biases alone.
 */
export interface FoldInWeights {
  items: number
  hidden: number
  /** V, `[items, hidden]` */
  encoder: Float32Array
  /** b1, `[hidden]` */
  hiddenBias: Float32Array
  /** W, `[items, hidden]` */
  decoder: Float32Array
  /** b2, `[items]` */
  outputBias: Float32Array
}

/**
 * The equation as it stands, in float64: what every faster way is tested against.
 *
 * @param history item indexes, each once
 * @returns scores of all items, `[items]`
 */
export function foldIn(weights: FoldInWeights, history: Iterable<number>): Float64Array {
  const { items, hidden, encoder, hiddenBias, decoder, outputBias } = weights
  const sum = new Float64Array(hidden)
  let n = 0
  for (const item of history) {
    for (let k = 0; k < hidden; k++) sum[k] += encoder[item * hidden + k]
    n++
  }
  const h = sum.map((z, k) => Math.tanh(hiddenBias[k] + z / Math.sqrt(Math.max(1, n))))
  return Float64Array.from({ length: items }, (_, item) => {
    let score = outputBias[item]
    for (let k = 0; k < hidden; k++) score += h[k] * decoder[item * hidden + k]
    return score
  })
}
