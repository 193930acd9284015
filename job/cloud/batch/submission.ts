import type { SubmitJobRequest } from '@aws-sdk/client-batch'
import { UsageError } from '../../errors.ts'
import { nightOfDay } from '../../nightly/night-id.ts'
import { checkJobName, dependenciesMax, overridesCharsMax, timeoutSecondsLeast } from './limits.ts'
import { isNightly, isoSeconds, nightParameter, optionOf, withNight } from './night-command.ts'

export interface SubmitOptions {
  queue: string
  definition: string
  /** What the container runs, after its entry point `nightjar`; empty: what the job definition says. */
  command: readonly string[]
  name?: string
  /** The night. */
  at?: Date
  /** Children of an array job. */
  array?: number
  /** A second job that puts the array's parts together. */
  thenMerge?: boolean
  /** Jobs that must succeed before. */
  after: readonly string[]
  timeoutMs?: number
  gpus?: number
  memoryMiB?: number
  vcpus?: number
  environment: Record<string, string>
}

/** What will be submitted: one job, or an array and the job that follows it. */
export interface Submission {
  request: SubmitJobRequest
  /** The night it stands for; null for anything else. */
  night: Date | null
  /** Submitted after `request`, dependent on it. */
  merge: SubmitJobRequest | null
}

/**
 * The requests that options mean.
 *
 * @param now for the night where none is named, and for a name where none is given
 * @throws UsageError
 */
export function planSubmission(options: SubmitOptions, now: Date): Submission {
  const { command, array } = options
  const isNight = command.length === 0 || isNightly(command)
  if (isNight && array !== undefined) throw new UsageError('--array cannot go with a night: it is one job')
  if (!isNight && options.at !== undefined) throw new UsageError('--at is for nights, and this is none')
  if (options.thenMerge && array === undefined)
    throw new UsageError('--then-merge without --array', 'say how many parts: --array 8')
  if (command.includes('')) throw new UsageError('an empty word in the command: Batch refuses it')
  if (options.after.length > dependenciesMax)
    throw new UsageError(`invalid --after: ${options.after.length} jobs (want ${dependenciesMax} at most)`)
  if (options.timeoutMs !== undefined && options.timeoutMs < timeoutSecondsLeast * 1000)
    throw new UsageError(`invalid --timeout: ${options.timeoutMs / 1000} s (want 60s or more)`)
  if (!isNight) return planOther(options, now)
  if (options.name !== undefined && !options.name.toLowerCase().startsWith(nightNamePrefix))
    throw new UsageError(
      `--name ${options.name} for a night (want one that begins with ${nightNamePrefix}: by that it is found again)`,
    )
  const night = command.length === 0 ? (options.at ?? nightOfDay(now)) : undefined
  const named = night === undefined ? withNight(command, options.at, nightOfDay(now)) : { command, night }
  const request = requestOf(options, {
    name: options.name ?? nightName(named.night),
    command: named.command,
    parameters: command.length === 0 ? { [nightParameter]: isoSeconds(named.night) } : undefined,
  })
  return { request, night: named.night, merge: null }
}

function planOther(options: SubmitOptions, now: Date): Submission {
  const { command, array } = options
  const name = options.name ?? `${command[0].replace(/[^A-Za-z0-9]+/g, '-')}-${stamp(now)}`
  if (array === undefined) return { request: requestOf(options, { name, command }), night: null, merge: null }
  const isSharded = command[0] === 'export' || command[0] === 'tune'
  if (options.thenMerge && !isSharded)
    throw new UsageError(`--then-merge is for export and tune, and this is ${command[0]}`)
  const own = optionOf(command, '--shard')
  if (isSharded && own !== undefined && own !== 'auto')
    throw new UsageError(
      `--shard ${own} would make every child of the array write the same part`,
      'leave it out',
    )
  const parts = isSharded && own === undefined ? [...command, '--shard', 'auto'] : command
  const shards = { NIGHTJAR_SHARDS: String(array) }
  const request = requestOf(options, { name, command: parts, array, environment: shards })
  if (!options.thenMerge) return { request, night: null, merge: null }
  const merging = [...withoutShard(command), '--merge', String(array)]
  const merge = requestOf(
    { ...options, after: [] },
    { name: `${name.slice(0, 122)}-merge`, command: merging },
  )
  return { request, night: null, merge }
}

/** All nights begin alike, those of the schedule too, so that one look finds them all. */
export const nightNamePrefix = 'nightly'

/** `nightly-20261126T020000Z`: one name a night. */
function nightName(night: Date): string {
  return `${nightNamePrefix}-${stamp(night)}`
}

function stamp(time: Date): string {
  return isoSeconds(time).replace(/[-:]/g, '')
}

function withoutShard(command: readonly string[]): string[] {
  const at = command.indexOf('--shard')
  const words = at < 0 ? command : [...command.slice(0, at), ...command.slice(at + 2)]
  return words.filter((word) => !word.startsWith('--shard='))
}

interface Job {
  name: string
  command: readonly string[]
  parameters?: Record<string, string> | undefined
  array?: number
  environment?: Record<string, string>
}

function requestOf(options: SubmitOptions, job: Job): SubmitJobRequest {
  const environment = Object.entries({ ...options.environment, ...job.environment })
  const requirements = [
    ['GPU', options.gpus],
    ['MEMORY', options.memoryMiB],
    ['VCPU', options.vcpus],
  ] as const
  const overrides = {
    ...(job.command.length === 0 ? {} : { command: [...job.command] }),
    ...(environment.length === 0
      ? {}
      : { environment: environment.map(([name, value]) => ({ name, value })) }),
    ...(requirements.every(([, value]) => value === undefined)
      ? {}
      : {
          resourceRequirements: requirements
            // Zero GPUs are asked for by not asking.
            .filter(([type, value]) => value !== undefined && !(type === 'GPU' && value === 0))
            .map(([type, value]) => ({ type, value: String(value) })),
        }),
  }
  const overridesChars = JSON.stringify(overrides).length
  if (overridesChars > overridesCharsMax)
    throw new UsageError(
      `the command and the variables take ${overridesChars} characters (Batch takes ${overridesCharsMax})`,
    )
  return {
    jobName: checkJobName(job.name),
    jobQueue: options.queue,
    jobDefinition: options.definition,
    ...(Object.keys(overrides).length === 0 ? {} : { containerOverrides: overrides }),
    ...(job.parameters === undefined ? {} : { parameters: job.parameters }),
    ...(job.array === undefined ? {} : { arrayProperties: { size: job.array } }),
    ...(options.after.length === 0 ? {} : { dependsOn: options.after.map((jobId) => ({ jobId })) }),
    ...(options.timeoutMs === undefined
      ? {}
      : { timeout: { attemptDurationSeconds: Math.ceil(options.timeoutMs / 1000) } }),
  }
}
