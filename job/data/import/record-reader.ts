import { isUtf8 } from 'node:buffer'

/** How a text is cut into records and fields. */
export interface Dialect {
  /** Undefined: a line is one field. */
  delimiter: string | undefined
  /** Fields may stand in double quotes, with `""` for a quote inside (RFC 4180). The delimiter is one byte. */
  quotes: boolean
  /** Lines that are no UTF-8 are read as latin-1, as MovieLens' older titles want it. */
  latin1Fallback?: boolean
}

/** Where a record stands, asked for while it is handled. */
export interface Place {
  /** 1-based physical line on which the record begins. */
  readonly line: number
  /** The record as it stands in the file. */
  text(): string
  /** False where its bytes are no UTF-8; its fields then hold U+FFFD. */
  isUtf8(): boolean
}

export interface RecordHandler {
  record(fields: string[], place: Place): void
  /** A record that cannot be cut into fields. Reading goes on at the next line. */
  broken(reason: string, place: Place): void
}

/** A record longer than this is broken: it is binary junk, or a quote that nobody closed. */
export const recordBytesMax = 1 << 20

const lf = 0x0a
const cr = 0x0d
const quoteMark = 0x22

/**
 * Cuts a stream of bytes into records, keeping count of physical lines.
 *
 * DuckDB's CSV reader is faster, but it drops whatever follows an unclosed quote without a word, counts
 * records where an editor counts lines, and refuses files that mix line ends. So it reads only plain text
 * (see fast-path.ts), where both agree, and this reads the rest.
 *
 * A quote opens a field only as its first byte; elsewhere it stands for itself. A broken record costs no
 * more than its first line: an unclosed quote does not swallow the rows after it. Blank lines are skipped.
 */
export class RecordReader implements Place {
  readonly #dialect: Dialect
  /** The delimiter's first byte: all of it, where there are quotes. */
  readonly #delimiter: number
  readonly #handler: RecordHandler
  #pending: Buffer = Buffer.alloc(0)
  /** Inside a line that is too long: its rest is dropped. */
  #isSkipping = false
  #line = 1
  #window: Buffer = this.#pending
  #start = 0
  #end = 0

  constructor(dialect: Dialect, handler: RecordHandler) {
    this.#dialect = dialect
    this.#delimiter = dialect.delimiter?.charCodeAt(0) ?? lf
    this.#handler = handler
  }

  get line(): number {
    return this.#line
  }

  text(): string {
    return this.#decode(this.#start, this.#end)
  }

  isUtf8(): boolean {
    return isUtf8(this.#window.subarray(this.#start, this.#end))
  }

  /** Takes the next bytes. They must not change afterwards. */
  push(chunk: Buffer): void {
    this.#window = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#pending = this.#window.subarray(this.#consume(false))
  }

  /** Ends the stream: what is left is the last record, with or without a line end. */
  end(): void {
    this.#window = this.#pending
    this.#consume(true)
    this.#pending = Buffer.alloc(0)
  }

  /** Handles every whole record of the window; returns where the first incomplete one begins. */
  #consume(isLast: boolean): number {
    const window = this.#window
    let at = this.#isSkipping ? this.#skipLine(0) : 0
    let quote = -1
    while (at < window.length) {
      const found = window.indexOf(lf, at)
      const lineEnd = found >= 0 ? found : window.length
      if (this.#dialect.quotes && quote < at) {
        quote = window.indexOf(quoteMark, at)
        if (quote < 0) quote = window.length
      }
      const isQuoted = this.#dialect.quotes && quote < lineEnd
      if (!isQuoted && found < 0 && !isLast && window.length - at <= recordBytesMax) return at
      const next = isQuoted ? this.#quotedRecord(at, isLast) : this.#plainRecord(at, lineEnd, isLast)
      if (next < 0) return at
      at = next
    }
    return at
  }

  #plainRecord(at: number, lineEnd: number, isLast: boolean): number {
    if (lineEnd - at > recordBytesMax) return this.#broken(at, 'the line is longer than 1 MiB', isLast)
    this.#start = at
    this.#end = this.#window[lineEnd - 1] === cr && lineEnd > at ? lineEnd - 1 : lineEnd
    if (this.#end > this.#start) {
      const text = this.text()
      const { delimiter } = this.#dialect
      this.#handler.record(delimiter === undefined ? [text] : text.split(delimiter), this)
    }
    this.#line++
    return lineEnd + 1
  }

  /** @returns where the next record begins, or -1 where the window ends too soon to tell */
  #quotedRecord(at: number, isLast: boolean): number {
    const window = this.#window
    const delimiter = this.#delimiter
    const fields: string[] = []
    const more = () => {
      if (window.length - at > recordBytesMax) {
        return this.#broken(at, 'a quote is not closed within 1 MiB', isLast)
      }
      return isLast ? this.#broken(at, 'a quote is never closed', isLast) : -1
    }
    for (let p = at; ; p++) {
      if (p === window.length && !isLast) return more()
      if (window[p] === quoteMark) {
        const start = p + 1
        let hasDoubled = false
        for (p = start; p < window.length; p++) {
          if (window[p] !== quoteMark) continue
          if (window[p + 1] !== quoteMark) break
          hasDoubled = true
          p++
        }
        // The byte after it decides whether a quote closes the field, so it must be here.
        if (p >= window.length || (p + 1 === window.length && !isLast)) return more()
        const text = this.#decode(start, p)
        fields.push(hasDoubled ? text.replaceAll('""', '"') : text)
        p++
      } else {
        const start = p
        while (p < window.length && window[p] !== delimiter && window[p] !== lf) p++
        if (p === window.length && !isLast) return more()
        const isLineEnd = window[p] !== delimiter
        fields.push(this.#decode(start, isLineEnd && p > start && window[p - 1] === cr ? p - 1 : p))
      }
      if (window[p] === delimiter) continue
      if (window[p] === cr && p + 1 === window.length && !isLast) return more()
      const isCrLf = window[p] === cr && (p + 1 === window.length || window[p + 1] === lf)
      if (p < window.length && window[p] !== lf && !isCrLf) {
        return this.#broken(at, 'text stands between a closing quote and the next column', isLast)
      }
      if (p - at > recordBytesMax) return this.#broken(at, 'a quote is not closed within 1 MiB', isLast)
      this.#start = at
      this.#end = p
      this.#handler.record(fields, this)
      this.#line += countLines(window, at, p) + 1
      return p + (isCrLf ? 2 : 1)
    }
  }

  /** Gives up a record and its first line. @returns as {@link RecordReader.#quotedRecord} */
  #broken(at: number, reason: string, isLast: boolean): number {
    const lineEnd = this.#window.indexOf(lf, at)
    const length = (lineEnd < 0 ? this.#window.length : lineEnd) - at
    // The whole line is told, so the whole line must be here.
    if (lineEnd < 0 && !isLast && length <= recordBytesMax) return -1
    this.#start = at
    this.#end = at + Math.min(length, recordBytesMax)
    this.#handler.broken(reason, this)
    return this.#skipLine(at)
  }

  /** Where the next line begins; remembers to go on skipping where this one does not end here. */
  #skipLine(at: number): number {
    const lineEnd = this.#window.indexOf(lf, at)
    this.#isSkipping = lineEnd < 0
    if (lineEnd < 0) return this.#window.length
    this.#line++
    return lineEnd + 1
  }

  #decode(start: number, end: number): string {
    const text = this.#window.toString('utf8', start, end)
    if (!this.#dialect.latin1Fallback || !text.includes('\ufffd')) return text
    return this.isUtf8() ? text : this.#window.toString('latin1', start, end)
  }
}

function countLines(bytes: Buffer, start: number, end: number): number {
  let lines = 0
  for (let at = bytes.indexOf(lf, start); at >= 0 && at < end; at = bytes.indexOf(lf, at + 1)) lines++
  return lines
}
