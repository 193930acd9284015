import { CancelledError } from '../errors.ts'
import { awsError, type Request, signsOf } from './aws-error.ts'
import type { Cloud } from './cloud.ts'

const attemptsMax = 8
const waitFirstMs = 500
const waitMostMs = 20_000

/** Names under which the services say that there were too many requests: none of them has done anything. */
const throttled = [
  ...['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'],
  ...['ThrottledException', 'RequestThrottled', 'LimitExceededException'],
]
/** No connection was made, so nothing was done either. */
const notSent = ['ECONNREFUSED', 'EAI_AGAIN']
/** The request may have arrived, and its answer got lost. */
const lost = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'TimeoutError', 'EHOSTUNREACH', 'ENETUNREACH']

/**
 * Sends a request to AWS, again after a growing wait where it is throttled, or where the service or the network fails.
 *
 * A request that must not be done twice (`once`) is repeated only where it has surely not been done: the SDK's own
 * repetition would submit a job a second time when the first answer gets lost.
 *
 * @throws NightjarError of `awsError`; with `once`, `OUTCOME_UNKNOWN` where nobody can say whether it was done
 * @throws CancelledError when the cloud's signal is aborted
 */
export async function call<Answer>(
  { waits, random, signal, note }: Cloud,
  request: Request & { once?: boolean },
  send: (options: { abortSignal?: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw new CancelledError(`stopped before: ${request.act}`)
    try {
      return await send(signal === undefined ? {} : { abortSignal: signal })
    } catch (error) {
      if (signal?.aborted) throw new CancelledError(`stopped while trying to ${request.act}`)
      const again = mayRepeat(error, request.once ?? false)
      if (again === 'unknown') throw awsError({ ...request, isUnknown: true }, error)
      if (again === 'no' || attempt === attemptsMax) throw awsError(request, error)
      const wholeMs = Math.min(waitMostMs, waitFirstMs * 2 ** (attempt - 1))
      const waitMs = wholeMs * (0.5 + random.next() / 2)
      if (attempt === 4) note?.(`still trying to ${request.act}: ${signsOf(error)[0]}`)
      await pause(waits.sleep(waitMs, signal), request.act)
    }
  }
}

/** Waits, and turns the abort of a wait into a cancellation. */
export async function pause(sleeping: Promise<void>, act: string): Promise<void> {
  try {
    await sleeping
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError')
      throw new CancelledError(`stopped waiting to ${act}`)
    throw error
  }
}

function mayRepeat(error: unknown, once: boolean): 'yes' | 'no' | 'unknown' {
  const signs = signsOf(error)
  const has = (names: string[]) => signs.some((sign) => names.includes(sign))
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (has(throttled) || status === 429 || has(notSent)) return 'yes'
  const isLost = has(lost) || (status !== undefined && status >= 500)
  if (!isLost) return 'no'
  return once ? 'unknown' : 'yes'
}
