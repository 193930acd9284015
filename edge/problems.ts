import type { Context } from 'hono'
import { type Problem, type ProblemCode, problem, problemContentType } from '../shared/problem.ts'
import type { AppEnv } from './env.ts'

const retryAfterSeconds: Partial<Record<ProblemCode, string>> = {
  'nothing-published': '30',
  'version-incomplete': '30',
  // The longest period that the platform's limits have; which one is configured, it doesn't say.
  'rate-limited': '60',
}

/** Thrown by a route; answered as problem details. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(code: ProblemCode, detail: string) {
    super(detail)
    this.name = 'ProblemError'
    this.problem = problem(code, detail)
  }
}

export function notFound(c: Context<AppEnv>): Response {
  return respond(c, problem('not-found', `no such route: ${c.req.path}`))
}

/** @param allowed the methods that there are, as `Allow` lists them: `GET, HEAD` */
export function methodNotAllowed(allowed: string): (c: Context<AppEnv>) => Response {
  return (c) => {
    c.header('Allow', allowed)
    return respond(c, problem('method-not-allowed', `${c.req.method} is not allowed here (want ${allowed})`))
  }
}

/** Any error of a route. What we did not foresee is logged, and its details stay inside. */
export function problemOf(error: Error, c: Context<AppEnv>): Response {
  if (error instanceof ProblemError) return respond(c, error.problem)
  c.get('trace').error = error
  return respond(c, problem('internal', 'the request could not be answered'))
}

function respond(c: Context<AppEnv>, found: Problem): Response {
  const trace = c.get('trace')
  trace.code = found.code
  c.header('Cache-Control', 'no-store')
  const wait = retryAfterSeconds[found.code]
  if (wait !== undefined) c.header('Retry-After', wait)
  return c.body(JSON.stringify({ ...found, requestId: trace.requestId }), found.status as 400, {
    'Content-Type': problemContentType,
  })
}
