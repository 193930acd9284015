import { CancelledError, NightjarError } from '../../errors.ts'
import { systemWaits, type Waits } from '../../waits.ts'
import { Pace } from './pace.ts'
import { codesOf, refusal, told } from './refusal.ts'

export interface RestOptions {
  baseUrl: string
  token: string
  fetch?: typeof fetch
  waits?: Waits
  random?: () => number
  timeoutMs?: number
  /** Ends a long wait, such as for the rate limit. */
  signal?: AbortSignal
  /** Told of a long wait. */
  note?: (line: string) => void
}

export interface RestRequest {
  method: 'GET' | 'PUT' | 'POST'
  /** Below the base URL, percent-encoded. */
  path: string
  body?: Uint8Array
  /** For messages: `write 12 keys to Cloudflare KV ab12...`. */
  what: string
}

export interface RestAnswer {
  status: number
  bytes: Uint8Array
}

const attempts = 7
const backoffFirstMs = 500
const backoffMaxMs = 30_000
/** A longer wait than the rate limit's window is not for us to sit out. */
const retryAfterMaxMs = 600_000
/** A wait that a person is told of, and that Ctrl-C ends. */
const longWaitMs = 2000

/**
 * Cloudflare's REST API: requests under its rate limit, each tried again where that may help.
 *
 * Every request here may be sent twice: a bulk write or delete of the same keys changes nothing the second time.
 */
export class RestClient {
  readonly #options: RestOptions
  readonly #waits: Waits
  readonly #pace: Pace

  constructor(options: RestOptions) {
    this.#options = options
    this.#waits = options.waits ?? systemWaits
    this.#pace = new Pace(this.#waits)
  }

  /**
   * @returns an answer of status 2xx, or 404 for a value that is not there
   * @throws NightjarError KV_FORBIDDEN, KV_NAMESPACE, KV_REFUSED, KV_DAILY_LIMIT; KV_UNREACHABLE where every attempt failed,
   *   and the last may have been applied all the same; CancelledError
   */
  async request(request: RestRequest): Promise<RestAnswer> {
    let reason = ''
    for (let attempt = 0; attempt < attempts; attempt++) {
      await this.#pace.next()
      const sent = await this.#send(request)
      if ('answer' in sent) {
        const { answer } = sent
        if (answer.status !== 429 && answer.status < 500 && answer.status !== 408) {
          if (answer.status < 300 || isMissingValue(request, answer)) return answer
          throw refusal(request.what, answer, (text) => this.redact(text))
        }
        // The day's writes of the free plan are spent: waiting minutes does not help.
        if (codesOf(answer).includes(10048)) throw refusal(request.what, answer, (text) => this.redact(text))
        reason = this.redact(`HTTP ${answer.status} ${told(answer)}`.trim())
      } else reason = sent.failure
      if (attempt < attempts - 1) await this.backOff(attempt, reason, sent.retryAfterMs)
    }
    throw new NightjarError('KV_UNREACHABLE', {
      what: `cannot ${request.what}: ${reason} (${attempts} attempts)`,
      why: 'the network, Cloudflare, or too many requests of this account in the last five minutes',
      fix: 'run the same command again; it overwrites what was put (https://www.cloudflarestatus.com)',
    })
  }

  /** Waits before the next attempt: as long as the service asks, else twice as long each time, with chance in it. */
  async backOff(attempt: number, reason: string, retryAfterMs?: number): Promise<void> {
    const random = (this.#options.random ?? Math.random)()
    const ceiling = Math.min(backoffMaxMs, backoffFirstMs * 2 ** attempt)
    const waitMs = retryAfterMs === undefined ? ceiling * (0.5 + random / 2) : retryAfterMs + random * 1000
    const { signal, note } = this.#options
    if (waitMs < longWaitMs) return this.#waits.sleep(waitMs)
    note?.(`Cloudflare: ${reason}; trying again in ${Math.ceil(waitMs / 1000)} s`)
    if (signal?.aborted) throw new CancelledError('cancelled')
    try {
      await this.#waits.sleep(waitMs, signal)
    } catch {
      throw new CancelledError('cancelled')
    }
  }

  /** The text without the token, whatever put it there. */
  redact(text: string): string {
    return text.replaceAll(this.#options.token, '[token]')
  }

  async #send(
    request: RestRequest,
  ): Promise<({ answer: RestAnswer } | { failure: string }) & { retryAfterMs?: number }> {
    const { baseUrl, token, timeoutMs = 300_000 } = this.#options
    try {
      const response = await (this.#options.fetch ?? fetch)(`${baseUrl}${request.path}`, {
        method: request.method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        // The token goes to no other place.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        ...(request.body === undefined ? {} : { body: request.body as Uint8Array<ArrayBuffer> }),
      })
      const answer = { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
      const asked = this.#retryAfterMs(response.headers.get('retry-after'))
      return asked === undefined ? { answer } : { answer, retryAfterMs: asked }
    } catch (error) {
      return { failure: this.redact(reasonOf(error)) }
    }
  }

  #retryAfterMs(header: string | null): number | undefined {
    if (header === null) return undefined
    const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - this.#waits.now()
    return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), retryAfterMaxMs)
  }
}

/** 404 is also what a wrong account or namespace gets; that must not read as an empty store. */
function isMissingValue({ method, path }: RestRequest, answer: RestAnswer): boolean {
  const codes = codesOf(answer)
  return (
    answer.status === 404 &&
    method === 'GET' &&
    path.includes('/values/') &&
    (codes.length === 0 || codes.includes(10009))
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
