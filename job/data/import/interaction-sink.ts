import type { DuckDBAppender } from '@duckdb/node-api'
import type { InteractionColumns } from './column-roles.ts'
import type { EventReader } from './event-weights.ts'
import { parseTimeMs, parseWeight } from './field-values.ts'
import type { Place } from './record-reader.ts'
import type { RejectLog } from './reject-log.ts'
import type { RowHandler, RowValue } from './row-reading.ts'

/** Longer ids are bad rows: they come from a quote that swallowed what follows it. In UTF-8 bytes. */
const idBytesMax = 1024

/**
 * Checks rows and stages the good ones in the table `staged` (see staging.ts); bad ones go to the reject log.
 */
export class InteractionSink implements RowHandler {
  readonly #columns: InteractionColumns
  readonly #file: string
  readonly #sourceIndex: number
  readonly #appender: DuckDBAppender
  readonly #rejects: RejectLog
  readonly #events: EventReader | undefined
  #nextRow: number

  constructor(options: {
    columns: InteractionColumns
    file: string
    sourceIndex: number
    appender: DuckDBAppender
    rejects: RejectLog
    events?: EventReader | undefined
    nextRow: number
  }) {
    this.#columns = options.columns
    this.#file = options.file
    this.#sourceIndex = options.sourceIndex
    this.#appender = options.appender
    this.#rejects = options.rejects
    this.#events = options.events
    this.#nextRow = options.nextRow
  }

  /** The number that the next staged row gets. */
  get nextRow(): number {
    return this.#nextRow
  }

  /** @param values user, item, and then rating and time, as far as there are such columns */
  row(values: RowValue[], place: Place): void {
    const { user, item, weight, time } = this.#columns
    const [userId, itemId] = values
    if (!this.#isGoodId(userId, user.name, place) || !this.#isGoodId(itemId, item.name, place)) return

    const weightText = weight === undefined ? undefined : (values[2] ?? '')
    const readWeight = this.#events?.weightOf ?? parseWeight
    const weightValue = weightText === undefined ? undefined : readWeight(weightText, place.line)
    if (weight !== undefined && weightValue === undefined) {
      this.broken(notA(weightText, this.#events === undefined ? 'a number' : 'an event'), weight.name, place)
      return
    }
    const timeText = time === undefined ? undefined : (values[weight === undefined ? 2 : 3] ?? '')
    const timeMs = timeText === undefined ? undefined : parseTimeMs(timeText)
    if (time !== undefined && timeMs === undefined) {
      this.broken(notA(timeText, 'a time (Unix or ISO 8601)'), time.name, place)
      return
    }

    if (this.#events?.isIgnored(weightValue)) return

    const to = this.#appender
    to.appendUInteger(this.#nextRow++)
    to.appendUInteger(this.#sourceIndex)
    to.appendVarchar(userId)
    to.appendVarchar(itemId)
    if (weightValue === undefined) to.appendNull()
    else to.appendFloat(weightValue)
    if (timeMs === undefined) to.appendNull()
    else to.appendBigInt(BigInt(timeMs))
    to.endRow()
  }

  broken(reason: string, column: string, place: Place): void {
    this.#rejects.add({ file: this.#file, line: place.line, column, reason, text: place.text() })
  }

  #isGoodId(id: RowValue, column: string, place: Place): id is string {
    const problem = idProblem(id, place)
    if (problem !== undefined) this.broken(problem, column, place)
    return problem === undefined
  }
}

/**
 * What is wrong with an id, or undefined. Any text is an id, spaces and `NULL` included, with few exceptions: the
 * empty one, and two that readers down the way would change without a word. {@link goodIdSql} says the same.
 */
export function idProblem(id: RowValue, place: Place): string | undefined {
  if (id === undefined || id === '') return 'is empty'
  // TextDecoder, by which Arrow readers make their strings, drops it: the id would turn into another one.
  if (id.startsWith('\ufeff')) return 'begins with a byte order mark'
  if (id.includes('\0')) return 'holds a NUL character'
  // U+FFFD may stand in the file, so only then are the bytes looked at.
  if (id.includes('\ufffd') && !place.isUtf8()) return 'is not valid UTF-8'
  if (id.length * 3 > idBytesMax && Buffer.byteLength(id) > idBytesMax) {
    return `is longer than ${idBytesMax} bytes`
  }
  return undefined
}

/** Whether {@link idProblem} finds nothing, in SQL. */
export function goodIdSql(id: string): string {
  return `strlen(${id}) BETWEEN 1 AND ${idBytesMax} AND NOT starts_with(${id}, chr(65279)) AND NOT contains(${id}, chr(0))`
}

function notA(text: string | undefined, wanted: string): string {
  if (text === undefined || text === '') return 'is empty'
  return `${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)} is not ${wanted}`
}
