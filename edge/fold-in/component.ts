import { BucketError } from '../../shared/bucket-table.ts'
import type { FoldInHead, FoldInPart } from '../../shared/fold-in-part.ts'
import { selectTopK } from '../../shared/top-k.ts'
import { WasmScores } from './wasm-scores.ts'

/**
 * Of how many items of a history, from its beginning on, it is asked what they moved: as many as a version holds of a
 * user. Each costs a hidden layer, and a product with every item that is explained.
 */
const explainedFrom = 50

/** How far one item of a history moved a recommendation. */
export interface Move {
  itemId: string
  /** Its part of all that items of the history moved it upwards, from 0 to 1. */
  share: number
}

/**
 * A version's fold-in component, ready to score: h = tanh(b1 + sum of V_i / sqrt(n)), then h . W_j + b2_j for every item.
 * `job/engine/fold-in/fold-in-weights.ts` has the equation; here the weights are of eight bits.
 */
export class FoldInComponent {
  readonly #hidden: number
  readonly #itemIds: string[] = []
  readonly #indexes = new Map<string, number>()
  readonly #hiddenBias: Float32Array
  /** V, `[items, hidden]`, with a scale for each row. */
  readonly #encoder: Int8Array
  readonly #encoderScales: Float32Array
  readonly #scores: WasmScores

  constructor({ items, hidden, hiddenBias }: FoldInHead, parts: Iterable<FoldInPart>) {
    this.#hidden = hidden
    this.#hiddenBias = Float32Array.from(hiddenBias)
    this.#encoder = new Int8Array(items * hidden)
    this.#encoderScales = new Float32Array(items)
    this.#scores = new WasmScores(items, hidden)
    for (const part of parts) {
      const first = this.#itemIds.length
      // A copy: a view would hold on to the whole part.
      this.#encoder.set(part.encoder, first * hidden)
      this.#encoderScales.set(part.encoderScales, first)
      this.#scores.load(first, part.decoder, part.decoderScales, part.outputBias)
      for (const itemId of part.itemIds) {
        this.#indexes.set(itemId, this.#itemIds.length)
        this.#itemIds.push(itemId)
      }
    }
    if (this.#itemIds.length !== items) throw new BucketError(`${this.#itemIds.length} items, want ${items}`)
  }

  /** About how much memory it holds on to. An id in a list and a map takes some 100 bytes. */
  get bytes(): number {
    return this.#itemIds.length * (2 * this.#hidden + 4 * 4 + 100)
  }

  /** Those of a history's items that the component knows, each once. */
  known(history: Iterable<string>): string[] {
    return [...new Set(history)].filter((itemId) => this.#indexes.has(itemId))
  }

  /**
   * The best items for a history, best first; of equal scores the one that comes first in the catalogue. The history's own
   * items are left out.
   *
   * @param history     ids that the component knows
   * @param leftOut     other ids that are not wanted
   * @param length      how many at most
   */
  list(
    history: readonly string[],
    leftOut: Iterable<string>,
    length: number,
  ): { itemIds: string[]; scores: number[] } {
    const scores = this.#scores.score(this.#hiddenLayer(this.#sum(history), history.length))
    for (const ids of [history, leftOut]) {
      for (const itemId of ids) {
        const index = this.#indexes.get(itemId)
        if (index !== undefined) scores[index] = Number.NEGATIVE_INFINITY
      }
    }
    const best = selectTopK(scores, length)
    return {
      itemIds: Array.from(best.items, (index) => this.#itemIds[index] as string),
      scores: Array.from(best.scores),
    }
  }

  /**
   * Which items of a history moved an item's score upwards most: for each, the score less what it would be without.
   *
   * @param history ids that the component knows
   * @param itemIds items that are to be explained; one that is not known is explained by nothing
   * @param most    how many moves of an item
   * @returns for each of `itemIds`, the largest move first
   */
  explain(history: readonly string[], itemIds: readonly string[], most: number): Move[][] {
    const sum = this.#sum(history)
    const whole = this.#hiddenLayer(sum, history.length)
    const lost = history.slice(0, explainedFrom).map((itemId) => {
      const less = sum.slice()
      this.#add(less, itemId, -1)
      const without = this.#hiddenLayer(less, history.length - 1)
      return { itemId, layer: whole.map((h, k) => h - (without[k] as number)) }
    })
    return itemIds.map((itemId) => {
      const index = this.#indexes.get(itemId)
      if (index === undefined) return []
      // Without the row's scale, which is the same for every share.
      const row = this.#scores.row(index)
      const moves = lost
        .map(({ itemId, layer }) => ({ itemId, share: dot(layer, row) }))
        .filter(({ share }) => share > 0)
      const total = moves.reduce((all, { share }) => all + share, 0)
      return moves
        .sort((a, b) => b.share - a.share)
        .slice(0, most)
        .map((move) => ({ ...move, share: move.share / total }))
    })
  }

  /** The sum of a history's rows of the encoder. */
  #sum(history: readonly string[]): Float64Array {
    const sum = new Float64Array(this.#hidden)
    for (const itemId of history) this.#add(sum, itemId, 1)
    return sum
  }

  #add(sum: Float64Array, itemId: string, times: number): void {
    const index = this.#indexes.get(itemId) as number
    const scale = times * (this.#encoderScales[index] as number)
    const first = index * this.#hidden
    for (let k = 0; k < this.#hidden; k++) {
      sum[k] = (sum[k] as number) + scale * (this.#encoder[first + k] as number)
    }
  }

  #hiddenLayer(sum: Float64Array, length: number): Float32Array {
    const scale = 1 / Math.sqrt(Math.max(1, length))
    return this.#hiddenBias.map((bias, k) => Math.tanh(bias + scale * (sum[k] as number)))
  }
}

function dot(layer: Float32Array, row: Int8Array): number {
  let sum = 0
  for (let k = 0; k < layer.length; k++) sum += (layer[k] as number) * (row[k] as number)
  return sum
}
