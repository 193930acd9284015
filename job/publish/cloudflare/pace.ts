import type { Waits } from '../../waits.ts'
import { requestsMax, requestsWindowMs } from './limits.ts'

/** Requests that may follow each other at once; the rest are spread over the window. */
const burst = 100
/** What is left to the account's other clients: the dashboard, wrangler. */
const leftToOthers = 100

/** Keeps requests under the rate limit: in no window are there more than the burst and what is refilled in it. */
export class Pace {
  readonly #waits: Waits
  readonly #everyMs = requestsWindowMs / (requestsMax - leftToOthers - burst)
  /** When the whole burst would be free again. */
  #fullAt = 0

  constructor(waits: Waits) {
    this.#waits = waits
  }

  /** Waits until a request may be sent. */
  async next(signal?: AbortSignal): Promise<void> {
    const now = this.#waits.now()
    this.#fullAt = Math.max(this.#fullAt, now) + this.#everyMs
    const waitMs = this.#fullAt - now - burst * this.#everyMs
    if (waitMs > 0) await this.#waits.sleep(waitMs, signal)
  }
}
