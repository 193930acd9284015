import type { Utf8, Vector } from 'apache-arrow'
import { TextColumn } from './text-column.ts'

/**
 * Original ids by index, as the bytes that the file has: a million texts take 60 MB, their bytes a fifth of that. For who asks
 * for each once, or for few.
 */
export class IdColumn {
  readonly length: number
  readonly #chunks: readonly TextColumn[]
  readonly #forgotten: ReadonlySet<number>
  /** The chunk that the last id was in, and its first index: whoever walks stays in it. */
  #chunk = 0
  #first = 0

  /** @param forgotten indexes whose ids are nobody's any more: '' stands in their place */
  constructor(column: Vector<Utf8>, length: number, forgotten: Uint32Array) {
    this.length = Math.min(length, column.length)
    this.#chunks = column.data.map((data) => new TextColumn(data))
    this.#forgotten = new Set(forgotten.filter((index) => index < this.length))
  }

  get forgottenCount(): number {
    return this.#forgotten.size
  }

  /** @throws RangeError for an index that is none */
  at(index: number): string {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`no id ${index} of ${this.length}`)
    if (this.#forgotten.has(index)) return ''
    if (index < this.#first) {
      this.#chunk = 0
      this.#first = 0
    }
    while (index >= this.#first + this.#chunks[this.#chunk].length) {
      this.#first += this.#chunks[this.#chunk].length
      this.#chunk++
    }
    return this.#chunks[this.#chunk].at(index - this.#first)
  }
}
