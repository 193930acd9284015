import type { Batch } from '@aws-sdk/client-batch'
import type { Command } from 'commander'
import {
  arrayJobs,
  checkJobId,
  checkJobName,
  dependenciesMax,
  parseDuration,
  parseVariable,
} from '../../cloud/batch/limits.ts'
import { isoSeconds } from '../../cloud/batch/night-command.ts'
import { planSubmission, type SubmitOptions } from '../../cloud/batch/submission.ts'
import { type Submitted, submitJob } from '../../cloud/batch/submit-job.ts'
import { type WaitResult, waitForJob } from '../../cloud/batch/wait-for-job.ts'
import { openBatch } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { jobUrl } from '../../cloud/console-url.ts'
import { CancelledError, exitCodes } from '../../errors.ts'
import { parsePlannedAt } from '../../nightly/night-id.ts'
import {
  checkContainerCommand,
  cloudOf,
  commandAfterDashes,
  defaultDefinition,
  defaultQueue,
  withDefinitionOption,
  withQueueOption,
} from '../cloud-options.ts'
import { collecting } from '../collecting.ts'
import { action, type CommandContext, command, EndWith, wholeNumber } from '../command.ts'

interface SubmitFlags {
  queue?: string
  definition?: string
  name?: string
  at?: Date
  array?: number
  thenMerge?: boolean
  after?: string[]
  timeout?: number
  gpu?: number
  memory?: number
  vcpus?: number
  env?: Record<string, string>
  again?: boolean
  wait?: boolean
  stuckAfter?: number
}

/** A job that has waited so long for a machine is taken for stuck. */
const stuckAfterMs = 30 * 60_000

export function submitCommand(open: () => Cloud): Command {
  return withDefinitionOption(
    withQueueOption(
      command(
        'submit',
        'run a command of nightjar as a job on AWS Batch',
        'nightjar submit --wait -- nightly --dataset s3://b/shop --runs s3://b/runs \\\n  --to cloudflare:ID',
      ),
    ),
  )
    .showHelpAfterError(commandAfterDashes)
    .argument('[command...]', "what the container runs, after --; none: the job definition's own command")
    .option(
      '--name <name>',
      'name of the job; by default from the night, or the command and the time',
      checkJobName,
    )
    .option(
      '--at <time>',
      'the night that it stands for, as `nightly --at`; by default today',
      parsePlannedAt,
    )
    .option(
      '--array <n>',
      'so many jobs, each with a part',
      wholeNumber('--array', arrayJobs.least, arrayJobs.most),
    )
    .option('--then-merge', 'after the array of an export or a tune, a job that puts the parts together')
    .option(
      '--after <job>',
      `begin when this job has succeeded; may be given ${dependenciesMax} times`,
      collecting((id, ids: string[] = []) => [...ids, checkJobId(id)]),
    )
    .option('--timeout <time>', 'end an attempt that runs longer: 90s, 45m, 6h', parseDuration('--timeout'))
    .option('--gpu <n>', 'GPUs', wholeNumber('--gpu', 0, 16))
    .option('--memory <mib>', 'memory in MiB', wholeNumber('--memory', 4, 4_000_000))
    .option('--vcpus <n>', 'vCPUs', wholeNumber('--vcpus', 1, 448))
    .option(
      '--env <name=value>',
      'a variable for the container; may be given again',
      collecting(parseVariable),
    )
    .option('--again', 'submit a night although a job of it is on its way')
    .option('--wait', 'wait until the job has ended, and end as it did')
    .option(
      '--stuck-after <time>',
      'with --wait: how long it may wait for a machine (default: 30m)',
      parseDuration('--stuck-after'),
    )
    .action(
      action(async (context, words: string[], flags: SubmitFlags) => {
        checkContainerCommand(words, context.progress)
        const plan = planSubmission(optionsOf(words, flags), new Date(open().waits.now()))
        const cloud = cloudOf(open, context)
        const batch = await openBatch()
        const submitted = await submitJob(cloud, batch, plan, flags.again)
        const data = {
          ...submitted,
          queue: plan.request.jobQueue,
          night: plan.night === null ? null : isoSeconds(plan.night),
          url: jobUrl(await batch.config.region(), submitted.jobId),
        }
        if (!flags.wait) return context.result(data, () => describe(submitted, data.url))
        context.progress.note(`submitted ${submitted.jobName}: ${submitted.jobId}`)
        const last = submitted.merge?.jobId ?? submitted.jobId
        const waited = await waitFor(cloud, batch, context, last, flags.stuckAfter ?? stuckAfterMs)
        context.result({ ...data, job: waited.report }, () => describeEnd(waited))
        if (waited.exitCode !== exitCodes.done) throw new EndWith(waited.exitCode)
      }),
    )
}

function optionsOf(words: string[], flags: SubmitFlags): SubmitOptions {
  const { name, at, array, thenMerge, timeout, gpu, memory, vcpus } = flags
  return {
    queue: flags.queue ?? defaultQueue(),
    definition: flags.definition ?? defaultDefinition(),
    command: words,
    after: flags.after ?? [],
    environment: flags.env ?? {},
    ...(name === undefined ? {} : { name }),
    ...(at === undefined ? {} : { at }),
    ...(array === undefined ? {} : { array }),
    ...(thenMerge === undefined ? {} : { thenMerge }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(gpu === undefined ? {} : { gpus: gpu }),
    ...(memory === undefined ? {} : { memoryMiB: memory }),
    ...(vcpus === undefined ? {} : { vcpus }),
  }
}

async function waitFor(
  cloud: Cloud,
  batch: Batch,
  { progress }: CommandContext,
  jobId: string,
  limitMs: number,
): Promise<WaitResult> {
  try {
    return await waitForJob(cloud, batch, jobId, {
      stuckAfterMs: limitMs,
      onChange: ({ state, reason }) => progress.note(`${state}${reason === null ? '' : `: ${reason.text}`}`),
    })
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    throw new CancelledError(
      'stopped waiting; the job goes on',
      `nightjar status ${jobId}, or nightjar cancel ${jobId}`,
    )
  }
}

function describe({ jobId, jobName, merge }: Submitted, url: string): string {
  return [
    `submitted ${jobName}: ${jobId}`,
    ...(merge === null ? [] : [`and after it ${merge.jobName}: ${merge.jobId}`]),
    url,
    '',
    `next: nightjar status ${jobId}`,
    `      nightjar logs -f ${jobId}`,
    `      nightjar cancel ${jobId}`,
  ].join('\n')
}

function describeEnd({ report, isStuck }: WaitResult): string {
  const { jobId, state, reason } = report
  const why = reason === null ? '' : `\nCause: ${reason.text}`
  const fix = reason?.fix === undefined ? '' : `\nFix: ${reason.fix}`
  if (isStuck)
    return `job ${jobId} still waits for a machine${why}${fix}\n\nnext: nightjar status ${jobId}\n      nightjar cancel ${jobId}`
  return `job ${jobId} ${state}${why}${fix}`
}
