import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { AppEnv } from '../env.ts'
import { pathSegment } from '../request.ts'
import { errorText, type Level } from './log.ts'
import type { Source } from './trace.ts'

/** One line of the log, and what a data point is made of. What is undefined does not stand in the line. */
export interface RequestFacts {
  /** When the answer was ready, ISO 8601. */
  time: string
  level: Level
  requestId: string
  method: string
  /** The route's pattern, or `none`. Never the path: that holds user ids. */
  route: string
  status: number
  /** From the request's arrival to its answer. Cloudflare's clock stands still while code runs: this is the waiting. */
  ms: number
  code: string | undefined
  versionId: string | undefined
  source: Source | undefined
  kvReads: number
  cacheHits: number
  /** The API key's name. */
  key: string | undefined
  /** With `LOG_USER_IDS` alone. */
  userId: string | undefined
  error: string | undefined
}

export function requestFacts(c: Context<AppEnv>, now: number, ms: number): RequestFacts {
  const trace = c.get('trace')
  const { status } = c.res
  const route = routeOf(c)
  return {
    time: new Date(now).toISOString(),
    level: status >= 500 ? 'error' : 'info',
    requestId: trace.requestId,
    method: c.req.method,
    route,
    status,
    ms,
    code: trace.code,
    versionId: trace.versionId,
    source: trace.source,
    kvReads: trace.kvReads,
    cacheHits: trace.cacheHits,
    key: trace.key,
    userId: c.env.LOG_USER_IDS === 'true' ? userIdOf(c, route) : undefined,
    error: trace.error === undefined ? undefined : errorText(trace.error),
  }
}

/** The pattern of the route that matched, also where a guard answered in its place; guards match by patterns of their own. */
function routeOf(c: Context): string {
  const matched = matchedRoutes(c)
  const route = matched.find(({ method }) => method !== 'ALL') ?? matched.at(-1)
  return route === undefined || (route.method === 'ALL' && route.path.endsWith('*')) ? 'none' : route.path
}

function userIdOf(c: Context, route: string): string | undefined {
  if (!route.startsWith('/v1/users/:id/')) return undefined
  try {
    return decodeURIComponent(pathSegment(c, 3))
  } catch {
    return undefined
  }
}
