import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../env.ts'
import { ProblemError } from '../problems.ts'
import { type ApiKey, ApiKeysError, keyName, parseApiKeys } from './api-keys.ts'
import { countRequest } from './rate-limit.ts'
import { shownKey } from './shown-key.ts'

/** What a 401 asks for: `Bearer`, or `Basic` where a browser should ask its user. */
const challenges = {
  program: 'Bearer',
  browser: 'Basic realm="nightjar", charset="UTF-8"',
} as const

/**
 * Lets through who shows one of `API_KEYS`, and everybody where that is not set, as often as the rate limit allows. The
 * key's name goes into the trace.
 *
 * @param client who asks on these routes
 */
export function guard(client: keyof typeof challenges): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const keys = configuredKeys(c)
    const given = c.req.header('Authorization')
    const shown = keys && given !== undefined ? shownKey(given) : undefined
    const name = keys && shown !== undefined ? keyName(keys, shown) : undefined
    c.get('trace').key = name
    // Before the refusal: who tries out keys is counted too, by address.
    await countRequest(c)
    if (keys !== undefined && name === undefined) {
      c.header('WWW-Authenticate', challenges[client])
      throw new ProblemError(
        'unauthorized',
        given === undefined
          ? 'no key was shown (want one in the Authorization header)'
          : 'the key that was shown is none of ours (want "Bearer KEY" in one Authorization header)',
      )
    }
    await next()
  }
}

/** What was parsed last: the secret does not change while an isolate lives, but nobody promises that. */
let parsed: { text: string; keys: ApiKey[] } | undefined

function configuredKeys(c: Context<AppEnv>): ApiKey[] | undefined {
  const text = c.env.API_KEYS
  if (text === undefined) return undefined
  if (parsed?.text !== text) parsed = { text, keys: parseOrRefuse(c, text) }
  return parsed.keys
}

function parseOrRefuse(c: Context<AppEnv>, text: string): ApiKey[] {
  try {
    return parseApiKeys(text)
  } catch (error) {
    if (!(error instanceof ApiKeysError)) throw error
    c.get('trace').event('error', `${error.message}; mend it with: npx wrangler secret put API_KEYS`)
    throw new ProblemError('misconfigured', 'the worker is not set up right; its log says what to mend')
  }
}
