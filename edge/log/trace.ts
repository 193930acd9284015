import type { ProblemCode } from '../../shared/problem.ts'
import { errorText, type Level, type WriteLog } from './log.ts'

/** What an answer's items came from. */
export type Source = 'personal' | 'popular' | 'fold-in' | 'mixed'

/** What becomes known of one request while it is answered: routes and look-ups write it, its log line is made of it. */
export class Trace {
  readonly requestId: string
  /** The name of the API key that was shown. */
  key: string | undefined
  /** The version that answered. */
  versionId: string | undefined
  source: Source | undefined
  /** The problem's, where one was answered. */
  code: ProblemCode | undefined
  /** What nobody foresaw. */
  error: unknown
  kvReads = 0
  /** Values that were in the isolate already. */
  cacheHits = 0
  readonly #now: () => number
  readonly #write: WriteLog

  constructor(requestId: string, now: () => number, write: WriteLog) {
    this.requestId = requestId
    this.#now = now
    this.#write = write
  }

  /** Logs something that happened on the way, beside the request's own line. */
  event(level: Level, message: string, error?: unknown): void {
    const time = new Date(this.#now()).toISOString()
    const details = error === undefined ? {} : { error: errorText(error) }
    this.#write(level, JSON.stringify({ time, level, requestId: this.requestId, message, ...details }))
  }
}
