import type { Context } from 'hono'
import type { AppEnv } from '../env.ts'
import { ProblemError } from '../problems.ts'

/**
 * What people did is shown to who showed a key. Where no key is configured nobody is asked for one, so it is shown to
 * nobody, unless the worker runs on one's own machine and says so.
 *
 * @throws ProblemError `key-required`
 */
export function mayShowHistories(c: Context<AppEnv>): void {
  if (c.get('trace').key !== undefined || c.env.OPEN_HISTORIES === 'true') return
  throw new ProblemError(
    'key-required',
    'histories, and the page that shows them, are for holders of an API key, and this worker has none configured',
  )
}
