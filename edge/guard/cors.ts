import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../env.ts'

/** `*` is every page; otherwise origins as browsers send them: `https://shop.example`. */
type Origins = '*' | ReadonlySet<string>

/** Browsers ask again no later than this; two hours is the most that some of them keep. */
const preflightSeconds = '7200'

/**
 * Lets pages of the origins in `CORS_ORIGINS` read the answers, and answers their browsers' preflights, which come
 * without a key. Where it is not set, no header is sent and browsers keep other pages out.
 *
 * Cookies play no part here, so a page must show its key itself.
 */
export function cors(): MiddlewareHandler<AppEnv> {
  let parsed: { text: string; origins: Origins } | undefined
  return async (c, next) => {
    const text = c.env.CORS_ORIGINS
    if (text === undefined) return next()
    if (parsed?.text !== text) parsed = { text, origins: parseOrigins(c, text) }
    const { origins } = parsed
    // Also for who has no origin: a shared cache must not give one page's answer to another.
    if (origins !== '*') c.header('Vary', 'Origin')
    const origin = c.req.header('Origin')
    if (origin === undefined || (origins !== '*' && !origins.has(origin))) return next()
    c.header('Access-Control-Allow-Origin', origins === '*' ? '*' : origin)
    const asked = c.req.header('Access-Control-Request-Method')
    if (c.req.method === 'OPTIONS' && asked !== undefined) {
      return c.body(null, 204, {
        'Access-Control-Allow-Methods': 'GET, HEAD, POST',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-None-Match, X-Request-Id',
        'Access-Control-Max-Age': preflightSeconds,
      })
    }
    c.header('Access-Control-Expose-Headers', 'ETag, Retry-After, X-Request-Id')
    return next()
  }
}

/** What is no origin lets nobody in, and is logged. */
function parseOrigins(c: Context<AppEnv>, text: string): Origins {
  const given = text.split(/[\s,]+/).filter((part) => part !== '')
  if (given.includes('*')) return '*'
  const wrong = given.filter((part) => !isOrigin(part))
  if (wrong.length > 0) {
    c.get('trace').event(
      'error',
      `CORS_ORIGINS: no origin: ${wrong.join(' ')} (want https://host, without a path)`,
    )
  }
  return new Set(given.filter(isOrigin))
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}
