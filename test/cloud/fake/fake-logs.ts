import type { GetLogEventsRequest } from '@aws-sdk/client-cloudwatch-logs'
import { Refusal } from './refusal.ts'

interface Event {
  timestamp: number
  message: string
  /** When a reader can see it. */
  visibleAt: number
}

/** Streams of events that come late and in pages, some of them empty though they are not the last. */
export class FakeLogs {
  /** Events on a page. */
  pageEvents = 10_000
  /** Every page is preceded by an empty one. */
  hasEmptyPages = false
  readonly #now: () => number
  readonly #streams = new Map<string, Event[]>()
  readonly #groups = new Set<string>()
  #emptied = new Set<string>()

  constructor(now: () => number) {
    this.#now = now
  }

  addStream(group: string, stream: string): void {
    this.#groups.add(group)
    this.#streams.set(`${group} ${stream}`, [])
  }

  add(group: string, stream: string, timestamp: number, message: string, visibleAt = timestamp): void {
    this.#streams.get(`${group} ${stream}`)!.push({ timestamp, message, visibleAt })
  }

  answer(operation: string, input: Record<string, unknown>): object {
    if (operation !== 'GetLogEvents') throw new Refusal('InvalidOperationException', operation)
    return this.#events(input as unknown as GetLogEventsRequest)
  }

  #events({ logGroupName = '', logStreamName = '', nextToken, startTime = 0 }: GetLogEventsRequest): object {
    if (!this.#groups.has(logGroupName))
      throw new Refusal('ResourceNotFoundException', 'The specified log group does not exist.')
    const events = this.#streams.get(`${logGroupName} ${logStreamName}`)
    if (events === undefined)
      throw new Refusal('ResourceNotFoundException', 'The specified log stream does not exist.')
    const seen = events.filter((e) => e.visibleAt <= this.#now() && e.timestamp >= startTime)
    const from = nextToken === undefined ? 0 : Number(/^f\/(\d+)/.exec(nextToken)?.[1])
    const key = `${logStreamName} ${from}`
    const isEmpty = this.hasEmptyPages && from < seen.length && !this.#emptied.has(key)
    if (isEmpty) this.#emptied.add(key)
    const page = isEmpty ? [] : seen.slice(from, from + this.pageEvents)
    const next = from + page.length
    return {
      events: page.map(({ timestamp, message, visibleAt }) => ({
        timestamp,
        message,
        ingestionTime: visibleAt,
      })),
      // The same token says that nothing more is there; an empty page that is not the last has another one.
      nextForwardToken: isEmpty
        ? `f/${from}/e`
        : page.length === 0 && nextToken !== undefined
          ? nextToken
          : `f/${next}`,
      nextBackwardToken: `b/${from}`,
    }
  }
}
