import type { AttemptDetail, JobDetail } from '@aws-sdk/client-batch'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { hasMachine, isFinished, type JobState } from './job-states.ts'
import { type Reason, whyEnded, whyWaiting } from './reasons.ts'

/** One attempt of a job; times in milliseconds since 1970. */
export interface Attempt {
  number: number
  startedAt: number | null
  stoppedAt: number | null
  exitCode: number | null
  logStream: string | null
  reason: Reason | null
}

/** What a job is and does, without what may be secret: the environment is not in it. */
export interface JobReport {
  jobId: string
  jobName: string
  state: JobState
  queue: string
  definition: string
  createdAt: number | null
  startedAt: number | null
  stoppedAt: number | null
  command: string[]
  after: string[]
  /** Why it waits or ended; null where there is nothing to say. */
  reason: Reason | null
  attempts: Attempt[]
  /** Seconds in which its container ran, over all attempts. */
  ranSeconds: number
  array: { size: number; index: number | null; states: Record<string, number> } | null
  /** What `submit --wait` ends with; null while it goes on. */
  exitCode: ExitCode | null
}

/** @param now milliseconds since 1970, for an attempt that still runs */
export function reportOf(job: JobDetail, now: number): JobReport {
  const state = (job.status ?? 'SUBMITTED') as JobState
  const isStopped = job.isCancelled === true || job.isTerminated === true
  const attempts = (job.attempts ?? []).map((attempt, i) => attemptOf(attempt, i + 1))
  const last = attempts.at(-1)
  // The attempt that runs is not among the attempts until it has ended.
  const isListed = last !== undefined && last.stoppedAt === null
  if (state === 'RUNNING' && job.startedAt && !isListed)
    attempts.push({
      number: attempts.length + 1,
      startedAt: job.startedAt,
      stoppedAt: null,
      exitCode: null,
      logStream: job.container?.logStreamName ?? null,
      reason: null,
    })
  const reason = isFinished(state)
    ? state === 'SUCCEEDED'
      ? undefined
      : whyEnded({
          statusReason: job.statusReason,
          containerReason: job.container?.reason,
          exitCode: job.container?.exitCode ?? last?.exitCode ?? undefined,
          isStopped,
        })
    : hasMachine(state)
      ? undefined
      : whyWaiting(job.statusReason)
  return {
    jobId: job.jobId ?? '',
    jobName: job.jobName ?? '',
    state,
    queue: shortName(job.jobQueue),
    definition: shortName(job.jobDefinition),
    createdAt: job.createdAt ?? null,
    // Zero stands for never: Batch's model has it in every job.
    startedAt: job.startedAt || null,
    stoppedAt: job.stoppedAt || null,
    command: job.container?.command ?? [],
    after: (job.dependsOn ?? []).flatMap(({ jobId }) => jobId ?? []),
    reason: reason ?? null,
    attempts,
    ranSeconds: ranSeconds(attempts, now),
    array: arrayOf(job),
    exitCode: isFinished(state) ? exitCodeOf(state, reason) : null,
  }
}

/** What a finished job means for a script. */
function exitCodeOf(state: JobState, reason: Reason | undefined): ExitCode {
  if (state === 'SUCCEEDED') return exitCodes.done
  switch (reason?.kind) {
    case 'timeout':
    case 'stuck':
      return exitCodes.timedOut
    case 'stopped':
      return exitCodes.cancelled
    case 'refused':
      return exitCodes.gateRefused
    default:
      return exitCodes.jobFailed
  }
}

function attemptOf(attempt: AttemptDetail, number: number): Attempt {
  const { container, startedAt, stoppedAt, statusReason } = attempt
  return {
    number,
    startedAt: startedAt || null,
    stoppedAt: stoppedAt || null,
    exitCode: container?.exitCode ?? null,
    logStream: container?.logStreamName ?? null,
    reason:
      container?.exitCode === 0
        ? null
        : (whyEnded({ statusReason, containerReason: container?.reason, exitCode: container?.exitCode }) ??
          null),
  }
}

function ranSeconds(attempts: Attempt[], now: number): number {
  let ms = 0
  for (const { startedAt, stoppedAt } of attempts)
    if (startedAt !== null) ms += Math.max(0, (stoppedAt ?? now) - startedAt)
  return Math.round(ms / 1000)
}

function arrayOf({ arrayProperties }: JobDetail): JobReport['array'] {
  if (arrayProperties === undefined) return null
  const { size = 0, index = null, statusSummary = {} } = arrayProperties
  const states = Object.entries(statusSummary).filter(([, count]) => count > 0)
  return { size, index, states: Object.fromEntries(states) }
}

/** `nightjar` of `arn:aws:batch:eu-central-1:123456789012:job-queue/nightjar`. */
function shortName(arn: string | undefined): string {
  return arn?.split('/').at(-1) ?? ''
}
