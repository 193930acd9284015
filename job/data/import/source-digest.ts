import { createHash } from 'node:crypto'
import type { PlannedSource } from './plan-source.ts'

/** sha256 of the bytes and of the columns that are read from them; other weights of events make no other source. */
export function digestOf(planned: PlannedSource): string {
  const { weight, time } = planned.columns
  return digestBy(planned, weight?.index, time?.index)
}

/**
 * Which of the known digests is of the same rows: the same bytes, users and items, by whatever column of ratings or events,
 * and of times, or none. For a later `--events` or `--time-column` makes no new rows of old ones.
 */
export function digestOfSameRows(planned: PlannedSource, known: ReadonlyMap<string, unknown>) {
  const optional = [undefined, ...planned.layout.names.keys()]
  for (const weight of optional) {
    for (const time of optional) {
      const digest = digestBy(planned, weight, time)
      if (known.has(digest)) return digest
    }
  }
  return undefined
}

function digestBy(
  { source, survey, layout, columns }: PlannedSource,
  weight: number | undefined,
  time: number | undefined,
): string {
  const { user, item } = columns
  const told = [source.format, layout.hasHeader, user.index, item.index, weight, time, survey.sha256]
  return createHash('sha256').update(JSON.stringify(told)).digest('hex')
}
