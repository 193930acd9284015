import type { JobSummary } from '@aws-sdk/client-batch'
import type { Command } from 'commander'
import { type JobState, jobStates } from '../../cloud/batch/job-states.ts'
import { listJobs } from '../../cloud/batch/list-jobs.ts'
import { whyEnded, whyWaiting } from '../../cloud/batch/reasons.ts'
import { openBatch } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { UsageError } from '../../errors.ts'
import { cloudOf, defaultQueue, oneLine, shownTime, withQueueOption } from '../cloud-options.ts'
import { action, command, wholeNumber } from '../command.ts'
import { formatDuration } from '../phase.ts'

interface ListFlags {
  queue?: string
  status?: JobState[]
  all?: boolean
  limit: number
}

/** Without `--all`, jobs of the last days. */
const recentMs = 7 * 86_400_000

/** What is told of each job. Times in milliseconds since 1970. */
interface ListedJob {
  jobId: string
  jobName: string
  state: string
  createdAt: number | null
  ranMs: number | null
  why: string | null
}

export function listCommand(open: () => Cloud): Command {
  return withQueueOption(
    command('list', 'the jobs of a queue, newest first', 'nightjar list --status RUNNING,FAILED'),
  )
    .option('--status <states>', `only jobs in these states: ${jobStates.join(', ')}`, parseStates)
    .option('--all', 'older ones than a week as well, as far back as Batch remembers')
    .option('--limit <n>', 'so many at most', wholeNumber('--limit', 1, 10_000), 100)
    .action(
      action(async (context, flags: ListFlags) => {
        const cloud = cloudOf(open, context)
        const queue = flags.queue ?? defaultQueue()
        const now = cloud.waits.now()
        const found = await listJobs(cloud, await openBatch(), {
          queue,
          createdAfter: flags.all ? 0 : now - recentMs,
          limit: flags.limit,
          ...(flags.status === undefined ? {} : { states: flags.status }),
        })
        const jobs = found.map((job) => listed(job, now))
        context.result({ queue, jobs }, () => describe(jobs, queue))
      }),
    )
}

function parseStates(text: string): JobState[] {
  return text
    .toUpperCase()
    .split(',')
    .map((word) => {
      const state = jobStates.find((s) => s === word.trim())
      if (state === undefined)
        throw new UsageError(`unknown --status: ${word} (want some of ${jobStates.join(', ')})`)
      return state
    })
}

function listed(job: JobSummary, now: number): ListedJob {
  const { jobId = '', jobName = '', status: state = '', createdAt, startedAt, stoppedAt, statusReason } = job
  const isStopped = job.isCancelled === true || job.isTerminated === true
  const reason =
    state === 'FAILED'
      ? whyEnded({
          statusReason,
          containerReason: job.container?.reason,
          exitCode: job.container?.exitCode,
          isStopped,
        })
      : state === 'RUNNABLE'
        ? whyWaiting(statusReason)
        : undefined
  return {
    jobId,
    jobName,
    state,
    createdAt: createdAt ?? null,
    ranMs: startedAt ? (stoppedAt || now) - startedAt : null,
    why: reason === undefined ? null : oneLine(reason.text),
  }
}

function describe(jobs: ListedJob[], queue: string): string {
  if (jobs.length === 0) return `no jobs in queue ${queue}; older ones: --all`
  const rows = [
    ['JOB', 'NAME', 'STATE', 'SUBMITTED (UTC)', 'RAN', 'WHY'],
    ...jobs.map(({ jobId, jobName, state, createdAt, ranMs, why }) => [
      jobId,
      jobName,
      state,
      createdAt === null ? '' : shownTime(createdAt),
      ranMs === null ? '' : formatDuration(ranMs),
      why ?? '',
    ]),
  ]
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
