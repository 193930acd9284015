import type { Interval } from '../gate/bootstrap.ts'

/** `0.2315` */
export const metricText = (value: number) => value.toFixed(4)

/** `+0.0123` */
export const signedText = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`

/** `0.2201 to 0.2433`; a dash where it is not known. */
export const intervalText = (interval: Interval | undefined, show = metricText) =>
  interval === undefined ? '–' : `${show(interval.low)} to ${show(interval.high)}`

/** `12.3 %` */
export const percentText = (share: number) => `${(100 * share).toFixed(1)} %`

/** `1,234,567` */
export const countText = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',')

/** `83 ms`, `4.2 s`, `12 min 3 s` */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `2026-11-23 11:22 UTC` */
export const momentText = (iso: string) =>
  iso === '' ? 'not known' : `${iso.slice(0, 16).replace('T', ' ')} UTC`

/** `hidden 64, loss hinge, l2 0.001787`; without what is a list. */
export function optionsText(options: Readonly<Record<string, unknown>>): string {
  const short = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  return Object.entries(options)
    .filter(([, value]) => !Array.isArray(value))
    .map(([name, value]) => `${name} ${short(value) ?? 'none'}`)
    .join(', ')
}
