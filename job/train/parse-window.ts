import { UsageError } from '../errors.ts'

/** A century; times of a few thousand years are no dates any more. */
export const windowDaysMax = 36_500

const days = { d: 1, w: 7, y: 365 } as const

/** A span of time as people write it: 90d, 26w, 2y. @returns days; a year has 365 */
export function parseWindow(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([dwy])$/.exec(text) ?? []
  const span = Number(count) * days[unit as keyof typeof days]
  if (count !== undefined && span <= windowDaysMax) return span
  throw new UsageError(`invalid window: ${text} (want days, weeks or years, a century at most: 90d, 26w, 2y)`)
}
