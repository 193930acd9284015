import type { Batch, JobDetail } from '@aws-sdk/client-batch'
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { NightjarError, UsageError } from '../../errors.ts'
import { type Attempt, type JobReport, reportOf } from '../batch/job-report.ts'
import { isFinished } from '../batch/job-states.ts'
import { readJob } from '../batch/read-jobs.ts'
import { pause } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { type LogLine, LogStream } from './log-stream.ts'

/** Where Batch writes to when a job definition names no group. */
const defaultGroup = '/aws/batch/job'
const firstMs = 1_000
const mostMs = 10_000
/** An ended attempt is read to the end when so many reads found nothing, over so long a time: events come late. */
const quietReads = 3
const settleMs = 15_000

export interface LogOptions {
  follow: boolean
  /** That attempt alone; from 1. */
  attempt?: number
  /** Leaves out what is older; milliseconds since 1970. */
  since?: number
  onLine(line: LogLine & { attempt: number }): void
  /** Told of what is no line of the log: a new attempt, what the job waits for. */
  onNote(text: string): void
}

/**
 * Passes a job's log on, attempt after attempt; with `follow` until the job has ended and its last lines have arrived.
 *
 * @returns the job as it was seen last
 * @throws UsageError for an array job, whose children have the logs, and for an attempt that is not there
 */
export async function readLogs(
  cloud: Cloud,
  batch: Batch,
  logs: CloudWatchLogs,
  jobId: string,
  options: LogOptions,
): Promise<JobReport> {
  const { attempt: only, since, onLine, onNote } = options
  let waitMs = firstMs
  let told = ''
  let number = only ?? 1
  let reader: Reader | undefined
  for (;;) {
    const job = await readJob(cloud, batch, jobId)
    const report = reportOf(job, cloud.waits.now())
    if (report.array !== null && report.array.index === null)
      throw new UsageError(
        `${jobId} is an array of ${report.array.size} jobs, which have the logs`,
        `nightjar logs ${jobId}:0`,
      )
    assertReadable(job)
    const isOver = isFinished(report.state)
    const attempt = report.attempts.find((a) => a.number === number)
    if (only !== undefined && attempt === undefined && (isOver || !options.follow))
      throw new UsageError(`job ${jobId} has ${report.attempts.length} attempts, and no attempt ${only}`)
    let isQuiet = true
    if (attempt !== undefined && attempt.logStream !== null) {
      if (reader === undefined) {
        if (number > 1 || report.attempts.length > 1) onNote(`attempt ${number}`)
        reader = { stream: new LogStream(cloud, logs, groupOf(job), attempt.logStream, since), quiet: 0 }
      }
      const at = number
      isQuiet = (await reader.stream.readAll((line) => onLine({ ...line, attempt: at }))) === 0
      reader.quiet = isQuiet ? reader.quiet + 1 : 0
    }
    const hasEnded = attempt !== undefined && (attempt.stoppedAt !== null || isOver)
    if (hasEnded && isReadToEnd(attempt, reader, cloud.waits.now(), options.follow)) {
      if (attempt.logStream === null) onNote(`attempt ${number} has no log${because(attempt)}`)
      else if (attempt.reason !== null) onNote(`attempt ${number} ended: ${attempt.reason.text}`)
      if (only !== undefined) return report
      const hasNext = report.attempts.some((a) => a.number === number + 1)
      if (!hasNext && (isOver || !options.follow)) return report
      number++
      reader = undefined
      waitMs = firstMs
      if (hasNext) continue
    } else if (isOver && attempt === undefined) {
      if (number === 1) onNote(`no log: the job ended before a container ran${because(report)}`)
      return report
    } else if (!options.follow) {
      if (attempt === undefined) onNote(`no log yet: the job is ${report.state}${because(report)}`)
      return report
    }
    const state = `${report.state}${because(report)}`
    if (attempt === undefined && state !== told) onNote(`waiting: the job is ${state}`)
    told = state
    waitMs = isQuiet ? Math.min(mostMs, waitMs * 1.5) : firstMs
    await pause(
      cloud.waits.sleep(waitMs * (0.75 + cloud.random.next() / 2), cloud.signal),
      'see more of the log',
    )
  }
}

/** An attempt's stream, and how many reads in a row found nothing. */
interface Reader {
  stream: LogStream
  quiet: number
}

function isReadToEnd(attempt: Attempt, reader: Reader | undefined, now: number, follow: boolean): boolean {
  if (reader === undefined || !follow) return true
  return reader.quiet >= quietReads && now - (attempt.stoppedAt ?? 0) >= settleMs
}

function because({ reason }: { reason: { text: string } | null }): string {
  return reason === null ? '' : ` (${reason.text})`
}

function groupOf({ container }: JobDetail): string {
  return container?.logConfiguration?.options?.['awslogs-group'] ?? defaultGroup
}

/** @throws NightjarError where the log cannot be Batch's, such as one that goes elsewhere than to CloudWatch */
function assertReadable({ container }: JobDetail): void {
  const driver = container?.logConfiguration?.logDriver
  if (driver === undefined || driver === 'awslogs') return
  throw new NightjarError('LOG_DRIVER', {
    what: `the job's log goes to ${driver}, not to CloudWatch`,
    fix: 'read it there, or give the job definition the log driver awslogs',
  })
}
