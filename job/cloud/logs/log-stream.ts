import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { NightjarError } from '../../errors.ts'
import { call } from '../call.ts'
import type { Cloud } from '../cloud.ts'

export interface LogLine {
  /** Milliseconds since 1970. */
  time: number
  message: string
}

/** One read: what was new, and whether there may be more at once. */
export interface LogPage {
  lines: LogLine[]
  isLast: boolean
}

/**
 * A log stream, read forward. It keeps its place between reads: a page may be empty and not be the last one, and only a
 * token that comes back unchanged says that nothing more is there for now.
 */
export class LogStream {
  readonly #cloud: Cloud
  readonly #logs: CloudWatchLogs
  readonly #group: string
  readonly #stream: string
  readonly #startTime: number | undefined
  #token: string | undefined

  /** @param since leaves out what is older; milliseconds since 1970 */
  constructor(cloud: Cloud, logs: CloudWatchLogs, group: string, stream: string, since?: number) {
    this.#cloud = cloud
    this.#logs = logs
    this.#group = group
    this.#stream = stream
    this.#startTime = since
  }

  /** @throws NightjarError LOG_GROUP where the log group is not there; a stream that is not there yet is empty */
  async read(): Promise<LogPage> {
    const nextToken = this.#token
    try {
      const page = await call(
        this.#cloud,
        { act: 'read the log', action: 'logs:GetLogEvents', subject: `log stream ${this.#stream}` },
        (options) =>
          this.#logs.getLogEvents(
            {
              logGroupName: this.#group,
              logStreamName: this.#stream,
              startFromHead: true,
              ...(this.#startTime === undefined ? {} : { startTime: this.#startTime }),
              ...(nextToken === undefined ? {} : { nextToken }),
            },
            options,
          ),
      )
      this.#token = page.nextForwardToken
      const lines = (page.events ?? []).map(({ timestamp = 0, message = '' }) => ({
        time: timestamp,
        message,
      }))
      return { lines, isLast: page.nextForwardToken === nextToken }
    } catch (error) {
      if (!(error instanceof NightjarError) || error.code !== 'AWS_NOT_FOUND') throw error
      if (!/group/i.test(String(error.cause))) return { lines: [], isLast: true }
      throw new NightjarError('LOG_GROUP', {
        what: `log group ${this.#group} is not there`,
        why: 'it was deleted, or it is in another region',
        fix: 'deploy the stack again, which makes it',
        cause: error.cause,
      })
    }
  }

  /** Everything that is there now. */
  async readAll(onLine: (line: LogLine) => void): Promise<number> {
    let count = 0
    for (;;) {
      const { lines, isLast } = await this.read()
      for (const line of lines) onLine(line)
      count += lines.length
      if (isLast) return count
    }
  }
}
