import { createHash } from 'node:crypto'
import type {
  GetScheduleCommandOutput,
  Scheduler,
  UpdateScheduleCommandInput,
} from '@aws-sdk/client-scheduler'
import { NightjarError, UsageError } from '../../errors.ts'
import { isNightly, nightParameter, optionOf } from '../batch/night-command.ts'
import { nightNamePrefix } from '../batch/submission.ts'
import { call } from '../call.ts'
import type { Cloud } from '../cloud.ts'
import { submitTargetArn } from '../console-url.ts'
import { inputBytesMax } from './limits.ts'

/** What Scheduler puts the planned time in place of. */
const scheduledTime = '<aws.scheduler.scheduled-time>'

export interface ScheduleId {
  name: string
  group: string
}

export interface SchedulePlan {
  expression: string
  timezone: string
  roleArn: string
  queue: string
  definition: string
  /** A `nightly` command; empty: what the job definition says, with the night as its parameter. */
  command: readonly string[]
}

/** A schedule as a person asks about it. */
export interface ScheduleReport extends ScheduleId {
  state: string
  expression: string
  timezone: string
  target: string
  roleArn: string
  /** What is sent to the target; null where it is no JSON. */
  input: Record<string, unknown> | null
  retries: number | null
  maximumAgeSeconds: number | null
}

/**
 * Makes a schedule, or makes one that is there as it should be. The same plan again changes nothing; whether it is paused
 * stays as it is.
 *
 * @returns what was done
 */
export async function putSchedule(
  cloud: Cloud,
  scheduler: Scheduler,
  id: ScheduleId,
  plan: SchedulePlan,
): Promise<'created' | 'updated' | 'unchanged'> {
  const region = await scheduler.config.region()
  const wanted = requestOf(id, plan, region)
  const present = await readSchedule(cloud, scheduler, id)
  if (present === undefined) {
    await call(
      cloud,
      { ...about(id), act: 'create the schedule', action: 'scheduler:CreateSchedule' },
      (options) =>
        scheduler.createSchedule(
          { ...wanted, State: 'ENABLED', ClientToken: tokenOf('create', wanted) },
          options,
        ),
    )
    return 'created'
  }
  // Somebody's dead-letter queue, key and dates are not ours to drop: an update replaces all of a schedule.
  const merged: UpdateScheduleCommandInput = {
    ...kept(present),
    ...wanted,
    State: present.State ?? 'ENABLED',
    Target: {
      ...wanted.Target!,
      ...(present.Target?.DeadLetterConfig === undefined
        ? {}
        : { DeadLetterConfig: present.Target.DeadLetterConfig }),
    },
  }
  if (isSame(merged, present)) return 'unchanged'
  await update(cloud, scheduler, id, merged)
  return 'updated'
}

/**
 * Lets a schedule start nights, or keeps it from doing so.
 *
 * @returns whether that was a change
 */
export async function setScheduleState(
  cloud: Cloud,
  scheduler: Scheduler,
  id: ScheduleId,
  state: 'ENABLED' | 'DISABLED',
): Promise<boolean> {
  const present = await readSchedule(cloud, scheduler, id)
  if (present === undefined) throw missing(id)
  if (present.State === state) return false
  await update(cloud, scheduler, id, { ...kept(present), State: state })
  return true
}

/** @returns false where there was none */
export async function removeSchedule(cloud: Cloud, scheduler: Scheduler, id: ScheduleId): Promise<boolean> {
  if ((await readSchedule(cloud, scheduler, id)) === undefined) return false
  await call(
    cloud,
    { ...about(id), act: 'remove the schedule', action: 'scheduler:DeleteSchedule' },
    (options) => scheduler.deleteSchedule({ Name: id.name, GroupName: id.group }, options),
  )
  return true
}

/** @throws NightjarError SCHEDULE_NOT_FOUND */
export async function showSchedule(
  cloud: Cloud,
  scheduler: Scheduler,
  id: ScheduleId,
): Promise<ScheduleReport> {
  const present = await readSchedule(cloud, scheduler, id)
  if (present === undefined) throw missing(id)
  const { Target: target } = present
  return {
    ...id,
    state: present.State ?? '',
    expression: present.ScheduleExpression ?? '',
    timezone: present.ScheduleExpressionTimezone ?? 'UTC',
    target: target?.Arn ?? '',
    roleArn: target?.RoleArn ?? '',
    input: parsed(target?.Input),
    retries: target?.RetryPolicy?.MaximumRetryAttempts ?? null,
    maximumAgeSeconds: target?.RetryPolicy?.MaximumEventAgeInSeconds ?? null,
  }
}

function requestOf(
  { name, group }: ScheduleId,
  plan: SchedulePlan,
  region: string,
): UpdateScheduleCommandInput {
  const { command } = plan
  if (command.length > 0 && !isNightly(command))
    throw new UsageError(
      `a schedule starts nights, and ${command[0]} is none`,
      'nightjar schedule ... -- nightly ...',
    )
  if (optionOf(command, '--at') !== undefined)
    throw new UsageError('--at in the command: a schedule gives every night its own time', 'leave it out')
  // The names of Batch's API with a capital, as universal targets want them.
  const input = JSON.stringify({
    JobName: nightNamePrefix,
    JobQueue: plan.queue,
    JobDefinition: plan.definition,
    ...(command.length === 0
      ? { Parameters: { [nightParameter]: scheduledTime } }
      : { ContainerOverrides: { Command: [...command, '--at', scheduledTime] } }),
  })
  if (Buffer.byteLength(input) > inputBytesMax) throw new UsageError('the command is too long for a schedule')
  return {
    Name: name,
    GroupName: group,
    Description: 'starts a night of nightjar',
    ScheduleExpression: plan.expression,
    ScheduleExpressionTimezone: plan.timezone,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: submitTargetArn(region),
      RoleArn: plan.roleArn,
      Input: input,
      // Left alone it would try 185 times in a day, and submit yesterday's night beside today's.
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
    },
  }
}

async function readSchedule(
  cloud: Cloud,
  scheduler: Scheduler,
  id: ScheduleId,
): Promise<GetScheduleCommandOutput | undefined> {
  try {
    return await call(
      cloud,
      { ...about(id), act: 'read the schedule', action: 'scheduler:GetSchedule' },
      (options) => scheduler.getSchedule({ Name: id.name, GroupName: id.group }, options),
    )
  } catch (error) {
    if (error instanceof NightjarError && error.code === 'AWS_NOT_FOUND') return undefined
    throw error
  }
}

async function update(
  cloud: Cloud,
  scheduler: Scheduler,
  id: ScheduleId,
  request: UpdateScheduleCommandInput,
): Promise<void> {
  await call(
    cloud,
    { ...about(id), act: 'change the schedule', action: 'scheduler:UpdateSchedule' },
    (options) =>
      scheduler.updateSchedule(
        { ...request, ClientToken: tokenOf('update', request, cloud.waits.now()) },
        options,
      ),
  )
}

/** What an update must repeat, for it replaces the whole schedule. */
function kept(present: GetScheduleCommandOutput): UpdateScheduleCommandInput {
  const {
    Arn: _arn,
    CreationDate: _created,
    LastModificationDate: _modified,
    $metadata: _metadata,
    ...rest
  } = present
  return rest as UpdateScheduleCommandInput
}

function isSame(wanted: UpdateScheduleCommandInput, present: GetScheduleCommandOutput): boolean {
  return canonical(wanted) === canonical(kept(present))
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    held !== null && typeof held === 'object' && !Array.isArray(held) && !(held instanceof Date)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  )
}

/**
 * By this token Scheduler knows a repeated request again. An update carries the time as well: the way there and back must
 * not be taken for a repetition.
 */
function tokenOf(act: string, request: UpdateScheduleCommandInput, time = 0): string {
  return createHash('sha256')
    .update(`${act} ${time} ${canonical(request)}`)
    .digest('hex')
}

function about({ name, group }: ScheduleId) {
  return { subject: `schedule ${name} or its group ${group}` }
}

function missing({ name, group }: ScheduleId): NightjarError {
  return new NightjarError('SCHEDULE_NOT_FOUND', {
    what: `no schedule ${name} in group ${group}`,
    why: 'another region or account, or it was never made',
    fix: 'make it: nightjar schedule --at-hour 2 --role ARN -- nightly ..., or deploy the stack',
  })
}

function parsed(text: string | undefined): Record<string, unknown> | null {
  try {
    return text === undefined ? null : (JSON.parse(text) as Record<string, unknown>)
  } catch {
    return null
  }
}
