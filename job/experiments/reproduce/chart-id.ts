import type { DataResult } from './results.ts'

/** What a data set's chart is called in a page, and its file beside it: `figure-3-ml-1m`. */
export function chartId(chart: string, { printed, split, label }: DataResult): string {
  const name = printed ?? split?.name ?? label
  return `${chart}-${name.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}`
}
