import type { Scheduler } from '@aws-sdk/client-scheduler'
import type { Command } from 'commander'
import { openScheduler } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { checkCron, cronOfHour } from '../../cloud/schedule/cron.ts'
import { checkGroupName, checkRole, checkScheduleName, checkTimezone } from '../../cloud/schedule/limits.ts'
import {
  putSchedule,
  removeSchedule,
  type ScheduleId,
  type ScheduleReport,
  setScheduleState,
  showSchedule,
} from '../../cloud/schedule/schedule.ts'
import { UsageError } from '../../errors.ts'
import {
  checkContainerCommand,
  cloudOf,
  commandAfterDashes,
  defaultDefinition,
  defaultQueue,
  withDefinitionOption,
  withQueueOption,
} from '../cloud-options.ts'
import { action, command, wholeNumber } from '../command.ts'

interface ScheduleFlags {
  cron?: string
  atHour?: number
  timezone: string
  role?: string
  name: string
  group: string
  queue?: string
  definition?: string
  show?: boolean
  pause?: boolean
  resume?: boolean
  remove?: boolean
}

const acts = ['show', 'pause', 'resume', 'remove'] as const
type Act = (typeof acts)[number]

export function scheduleCommand(open: () => Cloud): Command {
  return withDefinitionOption(
    withQueueOption(
      command(
        'schedule',
        'start a night every night, by EventBridge Scheduler',
        [
          'nightjar schedule --at-hour 2 --timezone Europe/Berlin \\',
          '  --role arn:aws:iam::123456789012:role/NAME \\',
          '  -- nightly --dataset s3://b/shop --runs s3://b/runs --to cloudflare:ID',
          'nightjar schedule --show',
        ].join('\n'),
      ),
    ),
  )
    .showHelpAfterError(commandAfterDashes)
    .argument('[command...]', "the night's command, after --; none: the job definition's own")
    .option('--cron <expression>', 'six fields: minutes hours day-of-month month day-of-week year', checkCron)
    .option('--at-hour <hour>', 'every day at this hour, instead of --cron', wholeNumber('--at-hour', 0, 23))
    .option('--timezone <zone>', 'time zone of both', checkTimezone, 'UTC')
    .option('--role <arn>', 'the role by which Scheduler submits', checkRole)
    .option('--name <name>', 'name of the schedule', checkScheduleName, 'nightjar-nightly')
    .option('--group <name>', 'its group', checkGroupName, 'nightjar')
    .option('--show', 'what is scheduled')
    .option('--pause', 'start no more nights')
    .option('--resume', 'start nights again')
    .option('--remove', 'take the schedule away')
    .action(
      action(async (context, words: string[], flags: ScheduleFlags) => {
        checkContainerCommand(words, context.progress)
        const id = { name: flags.name, group: flags.group }
        const act = actOf(flags, words)
        const plan = act === undefined ? planOf(flags, words) : undefined
        const cloud = cloudOf(open, context)
        const scheduler = await openScheduler()
        const did =
          plan === undefined
            ? await doIt(act!, cloud, scheduler, id)
            : await putSchedule(cloud, scheduler, id, plan)
        const isGone = did === 'removed' || did === 'not there'
        const schedule = isGone ? null : await showSchedule(cloud, scheduler, id)
        context.result({ did, schedule }, () => describe(did, id, schedule))
      }),
    )
}

/** @throws UsageError where two are asked for, or one beside a schedule's own options */
function actOf(flags: ScheduleFlags, words: string[]): Act | undefined {
  const asked = acts.filter((act) => flags[act])
  if (asked.length > 1) throw new UsageError(`--${asked[0]} and --${asked[1]} at once`)
  const hasPlan = flags.cron !== undefined || flags.atHour !== undefined || words.length > 0
  if (asked.length === 1 && hasPlan)
    throw new UsageError(
      `--${asked[0]} takes no time and no command`,
      'make the two calls one after the other',
    )
  return asked[0]
}

function planOf(flags: ScheduleFlags, command: string[]) {
  const { cron, atHour, role } = flags
  if ((cron === undefined) === (atHour === undefined))
    throw new UsageError('when? give one of --cron and --at-hour, or --show, --pause, --resume, --remove')
  if (role === undefined)
    throw new UsageError(
      '--role is missing',
      "it is the stack's output SchedulerRole, the role by which Scheduler submits",
    )
  return {
    expression: cron ?? cronOfHour(atHour!),
    timezone: flags.timezone,
    roleArn: role,
    queue: flags.queue ?? defaultQueue(),
    definition: flags.definition ?? defaultDefinition(),
    command,
  }
}

async function doIt(act: Act, cloud: Cloud, scheduler: Scheduler, id: ScheduleId): Promise<string> {
  switch (act) {
    case 'show':
      return 'shown'
    case 'pause':
      return (await setScheduleState(cloud, scheduler, id, 'DISABLED')) ? 'paused' : 'unchanged'
    case 'resume':
      return (await setScheduleState(cloud, scheduler, id, 'ENABLED')) ? 'resumed' : 'unchanged'
    case 'remove':
      return (await removeSchedule(cloud, scheduler, id)) ? 'removed' : 'not there'
  }
}

function describe(did: string, { name, group }: ScheduleId, schedule: ScheduleReport | null): string {
  if (schedule === null) return `schedule ${name} in group ${group}: ${did}`
  const state = schedule.state === 'ENABLED' ? 'starts nights' : 'paused'
  return [
    `schedule  ${name} in group ${group}${did === 'shown' ? '' : `: ${did}`}`,
    `state     ${state}`,
    `when      ${schedule.expression}, ${schedule.timezone}`,
    `submits   ${JSON.stringify(schedule.input)}`,
    `as        ${schedule.roleArn}`,
    `again     ${schedule.retries ?? 185} times at most, within ${schedule.maximumAgeSeconds ?? 86_400} s`,
  ].join('\n')
}
