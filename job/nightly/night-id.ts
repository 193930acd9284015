import { createHash } from 'node:crypto'
import { makeVersionId } from '../../shared/version-id.ts'
import { UsageError } from '../errors.ts'

/**
 * The id of the night that was planned for a time: of its run, and of its version. The same time gives the same id,
 * so a job that is started twice for one night is known for what it is.
 */
export function nightIdOf(plannedAt: Date): string {
  return makeVersionId(plannedAt, createHash('sha256').update(plannedAt.toISOString()).digest('hex'))
}

/**
 * The time that a night was planned for: an ISO 8601 time with its zone, as EventBridge Scheduler gives it
 * (`2026-11-26T02:00:00Z`), or a date, which is its first moment in UTC.
 *
 * @throws UsageError
 */
export function parsePlannedAt(text: string): Date {
  const isSound = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const time = new Date(text)
  if (isSound && !Number.isNaN(time.getTime())) return time
  throw new UsageError(
    `invalid --at: ${text} (want a date or a time with its zone: 2026-11-26, 2026-11-26T02:00:00Z)`,
  )
}

/** The night of a day, where no time was planned: its first moment in UTC. */
export function nightOfDay(now: Date): Date {
  return new Date(now.toISOString().slice(0, 10))
}
