import type { Context } from 'hono'
import { ProblemError } from './problems.ts'

const usualLength = 10

/** The longest list that any version answers. */
export const lengthMax = 100

/**
 * `?k=`, the length of the list: 10 if not given (or `most`, where that is less).
 *
 * @throws ProblemError `invalid-k`
 */
export function listLength(c: Context, most: number): number {
  const given = c.req.queries('k')
  if (given === undefined) return Math.min(usualLength, most)
  const [text = ''] = given
  const k = Number(text)
  if (given.length === 1 && /^\d+$/.test(text) && k >= 1 && k <= most) return k
  throw new ProblemError(
    'invalid-k',
    `invalid k: ${given.join(', ').slice(0, 50)} (want an integer from 1 to ${most})`,
  )
}
