import type { Problem } from '../../shared/problem.ts'

/** What the worker answered instead of what was asked for, or why there was no answer at all. */
export type Refusal = Pick<Problem, 'title' | 'detail'> & { code: string; status: number }

/** Thrown by {@link ask}. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.detail, options)
    this.refusal = refusal
  }
}

/** A request to this worker: a path, and a body where it is a POST. */
export interface Question {
  path: string
  body?: unknown
}

/**
 * How long an answer may take, twice. Workers answer in milliseconds; a request that is lost on the way, as was seen
 * with a browser on wrangler's development server, would else leave grey lines for ever.
 */
const patienceMs = 5_000

/**
 * @throws RefusedError for problem details, for an answer that is neither JSON nor a problem, and for none
 * @throws DOMException `AbortError`, where `signal` says so
 */
export async function ask<T>(question: Question, signal: AbortSignal): Promise<T> {
  const { path } = question
  const { response, found } = await send(question, signal)
    // Nothing that the page asks for changes anything, so it may ask twice.
    .catch((cause: unknown) => (isLate(cause) ? send(question, signal) : Promise.reject(cause)))
    .catch((cause: unknown) => {
      if (signal.aborted) throw cause
      const detail = isLate(cause)
        ? `no answer within ${patienceMs / 1000} seconds, twice`
        : 'the worker could not be reached'
      throw new RefusedError({ code: 'unreachable', title: 'No answer', detail, status: 0 }, { cause })
    })
  if (response.ok && found !== undefined) return found as T
  if (isProblem(found)) throw new RefusedError(found)
  const detail = `${path.split('?')[0]} answered ${response.status}, and nothing that this page can read`
  throw new RefusedError({ code: 'unreadable', title: 'No answer', detail, status: response.status })
}

async function send({ path, body }: Question, signal: AbortSignal) {
  const late = AbortSignal.timeout(patienceMs)
  const response = await fetch(path, {
    signal: AbortSignal.any([signal, late]),
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  const found: unknown = await response.json().catch(() => undefined)
  signal.throwIfAborted()
  late.throwIfAborted()
  return { response, found }
}

const isLate = (cause: unknown) => cause instanceof DOMException && cause.name === 'TimeoutError'

export const userPath = (userId: string, rest: string) => `/v1/users/${encodeURIComponent(userId)}/${rest}`
export const itemPath = (itemId: string, rest = '') => `/v1/items/${encodeURIComponent(itemId)}${rest}`

function isProblem(found: unknown): found is Problem {
  return typeof found === 'object' && found !== null && 'code' in found && 'detail' in found
}
