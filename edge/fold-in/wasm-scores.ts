import module from '../../dist/fold-in.wasm'

/** What the module in assembly/ exports; see there. */
interface Kernel {
  memory: WebAssembly.Memory
  reserve(bytes: number): number
  score(
    scores: number,
    hidden: number,
    scale: number,
    decoder: number,
    scales: number,
    bias: number,
    items: number,
    stride: number,
  ): void
}

/** Decoder rows begin at multiples of so many bytes: a SIMD vector. */
const alignment = 16

/** A hidden layer's numbers are rounded to 16 bits, of what they can be at most: 1. */
export const hiddenScale = 1 / 32767

/**
 * Scores by SIMD in WebAssembly. Its memory holds the decoder, `[items, hidden]`; one request is scored after the other.
 */
export class WasmScores {
  readonly #kernel: Kernel
  readonly #items: number
  readonly #hidden: number
  readonly #stride: number
  readonly #at: { scores: number; hidden: number; decoder: number; scales: number; bias: number }

  constructor(items: number, hidden: number) {
    this.#kernel = new WebAssembly.Instance(module).exports as unknown as Kernel
    this.#items = items
    this.#hidden = hidden
    this.#stride = Math.ceil(hidden / alignment) * alignment
    const numbers = Math.ceil((4 * items) / alignment) * alignment
    const start = this.#kernel.reserve(3 * numbers + 2 * this.#stride + items * this.#stride)
    if (start === 0) throw new RangeError(`no memory for ${items} rows of ${this.#stride} bytes`)
    this.#at = {
      scores: start,
      scales: start + numbers,
      bias: start + 2 * numbers,
      hidden: start + 3 * numbers,
      decoder: start + 3 * numbers + 2 * this.#stride,
    }
  }

  /** Rows of the decoder from `first` on, as `FoldInPart` has them. */
  load(first: number, weights: Int8Array, scales: Float32Array, bias: Float32Array): void {
    const { buffer } = this.#kernel.memory
    new Float32Array(buffer, this.#at.scales, this.#items).set(scales, first)
    new Float32Array(buffer, this.#at.bias, this.#items).set(bias, first)
    for (let item = 0; item < scales.length; item++) {
      this.row(first + item).set(weights.subarray(item * this.#hidden, (item + 1) * this.#hidden))
    }
  }

  /** An item's row of the decoder, without its scale; a view. `[hidden]` */
  row(item: number): Int8Array {
    return new Int8Array(this.#kernel.memory.buffer, this.#at.decoder + item * this.#stride, this.#hidden)
  }

  /**
   * @param hidden hidden layer, each number from -1 to 1
   * @returns scores of all items, `[items]`; gone with the next call
   */
  score(hidden: Float32Array): Float32Array {
    const { buffer } = this.#kernel.memory
    const layer = new Int16Array(buffer, this.#at.hidden, hidden.length)
    for (let k = 0; k < hidden.length; k++) layer[k] = Math.round((hidden[k] as number) / hiddenScale)
    const { scores, decoder, scales, bias } = this.#at
    this.#kernel.score(scores, this.#at.hidden, hiddenScale, decoder, scales, bias, this.#items, this.#stride)
    return new Float32Array(buffer, scores, this.#items)
  }
}
