import type { Context } from 'hono'
import { type Problem, type ProblemCode, problem, problemContentType } from '../shared/problem.ts'

/** Thrown by a route; answered as problem details. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(code: ProblemCode, detail: string) {
    super(detail)
    this.name = 'ProblemError'
    this.problem = problem(code, detail)
  }
}

export function notFound(c: Context): Response {
  return respond(c, problem('not-found', `no such route: ${c.req.path}`))
}

/** @param allowed the methods that there are, as `Allow` lists them: `GET, HEAD` */
export function methodNotAllowed(allowed: string): (c: Context) => Response {
  return (c) => {
    c.header('Allow', allowed)
    return respond(c, problem('method-not-allowed', `${c.req.method} is not allowed here (want ${allowed})`))
  }
}

/** Any error of a route. What we did not foresee is logged, and its details stay inside. */
export function problemOf(error: Error, c: Context): Response {
  if (error instanceof ProblemError) return respond(c, error.problem)
  console.error(error)
  return respond(c, problem('internal', 'the request could not be answered'))
}

function respond(c: Context, found: Problem): Response {
  c.header('Cache-Control', 'no-store')
  if (found.status === 503) c.header('Retry-After', '30')
  return c.body(JSON.stringify(found), found.status as 400, { 'Content-Type': problemContentType })
}
