import type { Cell } from './tables.ts'

/** A metric as the paper prints it: `.2080`; with a sign where it is a difference: `+.0012`, `-.0012`. */
export function metricText(value: number, sign = false): string {
  const text = Math.abs(value).toFixed(4).replace(/^0/, '')
  const isZero = Number(text) === 0
  if (value < 0 && !isZero) return `−${text}`
  return sign && !isZero ? `+${text}` : text
}

/** A p-value: `.031`, `< .001`. */
export function pText(p: number): string {
  return p < 0.001 ? '< .001' : p.toFixed(3).replace(/^0/, '')
}

export function countText(value: number): string {
  return value.toLocaleString('en-US')
}

/** A cell's figure in its unit. */
export function cellText(unit: Cell['unit'], value: number, sign = false): string {
  if (unit === 'metric') return metricText(value, sign)
  const size = Math.abs(value)
  const digits = unit === 'percent' ? 1 : size < 1 ? 3 : 2
  const text = unit === 'count' ? countText(size) : `${size.toFixed(digits)} %`
  const isZero = Number.parseFloat(text) === 0
  if (value < 0 && !isZero) return `−${text}`
  return sign && !isZero ? `+${text}` : text
}

/** `3.2 %`, with a sign. */
export function percentText(share: number): string {
  const text = `${Math.abs(100 * share).toFixed(1)} %`
  return share < 0 ? `−${text}` : `+${text}`
}
