import { NightjarError, UsageError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { csvLine } from '../csv-text.ts'

/** A row that import could not take. */
export interface Reject {
  file: string
  /** 1-based physical line on which the row begins; in Parquet the row's number, from 1. */
  line: number
  /** The column's name; '' where the row as a whole is broken. */
  column: string
  reason: string
  /** The row as it stands in the file, cut after {@link textMax} characters. */
  text: string
}

/** How many bad rows a file may have: a share of its rows, or a count. */
export type RejectLimit = { share: number } | { count: number }

const textMax = 2000
/** Rows beyond this are counted, but not kept: nobody reads them, and they would fill the memory. */
const keptMax = 100_000

/** Parses `1%`, `0.01` (a share) or `100` (a count). @throws UsageError for anything else */
export function parseRejectLimit(text: string): RejectLimit {
  const form = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  const value = Number(form?.[1])
  if (form?.[2] === '%' && value <= 100) return { share: value / 100 }
  if (form?.[2] === '' && Number.isInteger(value) && !text.includes('.')) return { count: value }
  if (form?.[2] === '' && value <= 1) return { share: value }
  throw new UsageError(`invalid --max-rejects: ${text} (want a share, 1% or 0.01, or a count such as 100)`)
}

/** Bad rows of all sources, kept in order for the rejects file. */
export class RejectLog {
  readonly kept: Reject[] = []
  readonly #counts = new Map<string, number>()

  add(reject: Reject): void {
    this.#counts.set(reject.file, this.countOf(reject.file) + 1)
    if (this.kept.length >= keptMax) return
    const { text } = reject
    this.kept.push(text.length > textMax ? { ...reject, text: `${text.slice(0, textMax)}...` } : reject)
  }

  get count(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  countOf(file: string): number {
    return this.#counts.get(file) ?? 0
  }

  /** Writes the rejects file: CSV with the header `file,line,column,reason,text`. */
  async write(store: Store, key: string): Promise<void> {
    const lines = ['file,line,column,reason,text\n']
    for (const { file, line, column, reason, text } of this.kept) {
      lines.push(csvLine([file, String(line), column, reason, text]))
    }
    await store.put(key, new TextEncoder().encode(lines.join('')))
  }

  /**
   * @param rowsRead rows of the file, the bad ones included
   * @throws NightjarError IMPORT_REJECTS
   */
  check(file: string, rowsRead: number, limit: RejectLimit, rejectsFile: string): void {
    const count = this.countOf(file)
    const isOver = 'count' in limit ? count > limit.count : count > limit.share * rowsRead
    if (!isOver) return
    const allowed = 'count' in limit ? `${limit.count}` : `${percent(limit.share)} of them`
    const first = this.kept.find((reject) => reject.file === file)
    throw new NightjarError('IMPORT_REJECTS', {
      what:
        `${file}: ${count} of ${rowsRead} rows are bad (${percent(count / rowsRead)}), --max-rejects allows ${allowed}; nothing was imported` +
        (first === undefined ? '' : `\nFirst: ${describeReject(first)}`),
      why: 'the columns or the format are not what they were taken for, or the source is damaged',
      fix: `look at ${rejectsFile}, which lists them; then mend the source, or allow more with --max-rejects`,
    })
  }
}

/** `ratings.csv:1042: column "rating": "abc" is not a number` */
export function describeReject({ file, line, column, reason, text }: Reject): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text
  return `${file}:${line}: ${column === '' ? '' : `column "${column}": `}${reason}   ${JSON.stringify(shown)}`
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
