/** How measurements lie: the median is what is quoted. */
export interface Spread {
  median: number
  min: number
  max: number
  runs: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    median: medianOf(values),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    runs: sorted.length,
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
