import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../env.ts'
import { dataPoint } from './data-point.ts'
import type { WriteLog } from './log.ts'
import { requestFacts } from './request-facts.ts'
import { requestIdOf } from './request-id.ts'
import { Trace } from './trace.ts'

/**
 * Around everything: gives the request its id and its trace, and when it is answered writes one line to the log and
 * one data point.
 */
export function traced(now: () => number, write: WriteLog): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const began = now()
    const trace = new Trace(requestIdOf(c.req.raw.headers), now, write)
    c.set('trace', trace)
    // Set before there is a response: afterwards each would cost a copy of it.
    c.header('X-Request-Id', trace.requestId)
    c.header('X-Content-Type-Options', 'nosniff')
    await next()
    const ended = now()
    const facts = requestFacts(c, ended, ended - began)
    write(facts.level, JSON.stringify(facts))
    c.env.METRICS?.writeDataPoint(dataPoint(facts))
  }
}
