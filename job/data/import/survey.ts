import { createHash } from 'node:crypto'
import { NightjarError } from '../../errors.ts'
import type { Source } from './source.ts'
import { storedBytes, textBytes } from './source-bytes.ts'

const headBytes = 64 << 10

/** What one pass over a source's bytes tells, before a row of it is read. */
export interface Survey {
  /** Of the bytes as stored. */
  sha256: string
  /** The first bytes of the text, unzipped. */
  head: Buffer
  /**
   * How lines end, where the text is plain: no quote, no NUL, no lone CR, one kind of line end throughout.
   * Undefined where it is not, or was not looked at.
   */
  plainLineEnd: '\n' | '\r\n' | undefined
}

/**
 * Reads a source once from end to end.
 *
 * @param onBytes told how many bytes were read since the last call
 * @throws NightjarError SOURCE_BINARY where a text is none
 */
export async function surveySource(
  source: Source,
  signal?: AbortSignal,
  onBytes: (count: number) => void = () => {},
): Promise<Survey> {
  const hash = createHash('sha256')
  const lines = new LineEnds()
  const isText = source.format !== 'parquet'
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of storedBytes(source, signal)) {
    if (head.length === 0) {
      refuseOtherKind(source, chunk)
      head = isText ? await headOf(source, signal) : chunk.subarray(0, headBytes)
      if (isText) refuseBinary(source, head)
    }
    hash.update(chunk)
    if (isText && !source.gzip) lines.look(chunk)
    onBytes(chunk.byteLength)
  }
  return {
    sha256: hash.digest('hex'),
    head,
    plainLineEnd: isText && !source.gzip ? lines.plain() : undefined,
  }
}

async function headOf(source: Source, signal?: AbortSignal): Promise<Buffer> {
  for await (const chunk of textBytes(source, signal)) return Buffer.from(chunk.subarray(0, headBytes))
  return Buffer.alloc(0)
}

/** Keeps watch for what makes a text more than plain lines. */
class LineEnds {
  #isPlain = true
  #bare = false
  #crlf = false
  #endsInCr = false

  look(chunk: Buffer): void {
    if (!this.#isPlain) return
    if (chunk.includes(0x22) || chunk.includes(0)) this.#isPlain = false
    else if (!this.#endsInCr && !chunk.includes(0x0d)) this.#bare ||= chunk.includes(0x0a)
    else this.#lookClosely(chunk)
    if (this.#bare && this.#crlf) this.#isPlain = false
  }

  plain(): '\n' | '\r\n' | undefined {
    if (!this.#isPlain || this.#endsInCr) return undefined
    return this.#crlf ? '\r\n' : '\n'
  }

  #lookClosely(chunk: Buffer): void {
    let afterCr = this.#endsInCr
    for (let i = 0; i < chunk.length; i++) {
      const isLf = chunk[i] === 0x0a
      if (afterCr && !isLf) this.#isPlain = false
      if (isLf && afterCr) this.#crlf = true
      if (isLf && !afterCr) this.#bare = true
      afterCr = chunk[i] === 0x0d
    }
    this.#endsInCr = afterCr
  }
}

const kinds: { name: string; magic: number[]; fix: string }[] = [
  { name: 'Parquet', magic: [0x50, 0x41, 0x52, 0x31], fix: 'add --format parquet' },
  { name: 'gzip', magic: [0x1f, 0x8b], fix: 'give its name the ending .gz' },
  {
    name: 'a ZIP archive (or a spreadsheet)',
    magic: [0x50, 0x4b, 3, 4],
    fix: 'unpack it, or export it as CSV',
  },
  { name: 'Arrow', magic: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], fix: 'export it as Parquet or CSV' },
  { name: 'UTF-16 text', magic: [0xff, 0xfe], fix: 'save it as UTF-8: iconv -f UTF-16 -t UTF-8' },
  { name: 'UTF-16 text', magic: [0xfe, 0xff], fix: 'save it as UTF-8: iconv -f UTF-16 -t UTF-8' },
]

/** @param stored the file's first bytes, as they are stored */
function refuseOtherKind(source: Source, stored: Buffer): void {
  const where = source.label
  const kind = kinds.find((k) => k.magic.every((byte, i) => stored[i] === byte))
  const expected = source.format === 'parquet' ? 'Parquet' : source.gzip ? 'gzip' : undefined
  if (expected !== undefined && kind?.name !== expected) {
    throw new NightjarError('SOURCE_BINARY', {
      what: `${where}: this is no ${expected} file, as its ${source.format === 'parquet' ? 'format' : 'name'} says${kind === undefined ? '' : `, but ${kind.name}`}`,
      why: 'a wrong name or --format, or a copy that broke off',
      fix: `say what it is with --format, or copy it again`,
    })
  }
  if (expected === undefined && kind !== undefined) {
    throw new NightjarError('SOURCE_BINARY', {
      what: `${where}: this is ${kind.name}, not ${source.format} text`,
      fix: kind.fix,
    })
  }
}

/** @param head the text's first bytes, unzipped */
function refuseBinary(source: Source, head: Buffer): void {
  const nul = head.indexOf(0)
  const text = head.toString('utf8')
  // A few bytes that are no UTF-8 make a few bad rows. When every tenth character is one, this is no text.
  const broken = text.split('\ufffd').length - 1
  if (nul < 0 && broken * 10 <= text.length) return
  throw new NightjarError('SOURCE_BINARY', {
    what: `${source.label}: this is no text (${nul < 0 ? `${broken} of its first ${text.length} characters are not UTF-8` : `a NUL byte at ${nul}`})`,
    why: 'binary junk, or a format that import does not read',
    fix: 'export it as CSV, JSON lines or Parquet, in UTF-8',
  })
}
