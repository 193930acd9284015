import type { Data, Utf8, Vector } from 'apache-arrow'

/**
 * A column of texts as its bytes. A text is decoded when it is asked for, and here, for apache-arrow takes a U+FEFF at the
 * start of a text for a byte order mark and drops it: two ids would become one.
 */
export class TextColumn {
  readonly length: number
  readonly #bytes: Buffer
  /** `[length + 1]` */
  readonly #offsets: Int32Array

  constructor({ length, values, valueOffsets }: Data<Utf8>) {
    this.length = length
    this.#bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    this.#offsets = valueOffsets
  }

  at(row: number): string {
    return this.#bytes.toString('utf8', this.#offsets[row], this.#offsets[row + 1])
  }

  /**
   * The first row that holds this text, or -1. The bytes are searched as one run and no text is decoded: a million ids
   * take some milliseconds.
   */
  rowOf(text: string): number {
    const wanted = Buffer.from(text)
    const end = this.#offsets[this.length]
    for (let at = this.#offsets[0]; ; at++) {
      at = this.#bytes.indexOf(wanted, at)
      if (at < 0 || at + wanted.length > end) return -1
      const row = this.#rowAt(at)
      if (this.#offsets[row] === at && this.#offsets[row + 1] === at + wanted.length) return row
    }
  }

  /** The row that the byte at `position` belongs to. */
  #rowAt(position: number): number {
    let low = 0
    let high = this.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#offsets[middle] <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** All texts of a column. */
export function textsOf(column: Vector<Utf8>): string[] {
  return column.data.flatMap((data) => {
    const texts = new TextColumn(data)
    return Array.from({ length: texts.length }, (_, row) => texts.at(row))
  })
}
