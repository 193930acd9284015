import type { Context } from 'hono'
import type { AppEnv } from '../env.ts'
import { ProblemError } from '../problems.ts'

/**
 * Counts the request against whoever asks: the key that was shown, else the address that it comes from. Where the
 * platform names no address, all such requests count together.
 *
 * The platform counts for each of its locations by itself and settles a little later, so the limit is about what is
 * configured. It keeps abuse away; it is no bill.
 *
 * @throws ProblemError `rate-limited`
 */
export async function countRequest(c: Context<AppEnv>): Promise<void> {
  const limiter = c.env.RATE_LIMIT
  if (limiter === undefined) return
  if (await isWithinLimit(c, limiter)) return
  throw new ProblemError('rate-limited', 'too many requests; ask again in a minute')
}

async function isWithinLimit(c: Context<AppEnv>, limiter: RateLimit): Promise<boolean> {
  try {
    return (await limiter.limit({ key: clientOf(c) })).success
  } catch (error) {
    // Lists are worth more than the limit.
    c.get('trace').event('warn', 'the rate limit could not be asked; the request goes on', error)
    return true
  }
}

/** The prefix keeps a key that is named like an address from sharing its count. */
function clientOf(c: Context<AppEnv>): string {
  const { key } = c.get('trace')
  const address = c.req.header('CF-Connecting-IP')
  return key !== undefined ? `key:${key}` : address !== undefined ? `address:${address}` : 'everybody'
}
