import { JobStatus, ResourceType } from '@aws-sdk/client-batch'
import { Refusal } from './refusal.ts'

type Input = Record<string, unknown>

/** A limit that the schemas do not carry. */
export interface Limit {
  operation: string
  name: string
  /** The page that documents it, under https://docs.aws.amazon.com/ where it is no whole address. */
  source: string
  /** Members of a request that keep it at its edge, and of one that does not; put over a sound request. */
  within: Input
  beyond: Input
  isKept(input: Input): boolean
}

const submitJob = 'batch/latest/APIReference/API_SubmitJob.html'
const listJobs = 'batch/latest/APIReference/API_ListJobs.html'
const overrides = 'batch/latest/APIReference/API_ContainerOverrides.html'
const createSchedule = 'scheduler/latest/APIReference/API_CreateSchedule.html'
const retryPolicy = 'scheduler/latest/APIReference/API_RetryPolicy.html'
const cron = 'scheduler/latest/UserGuide/schedule-types.html'
const logEvents = 'AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html'
const id = '00000000-0000-4000-8000-000000000001'

const dependencies = (count: number) => ({ dependsOn: Array.from({ length: count }, () => ({ jobId: id })) })
const commandOf = (...command: string[]) => ({ containerOverrides: { command } })
const variable = (name: string) => ({ containerOverrides: { environment: [{ name, value: 'x' }] } })
const requirement = (type: string, value: string) => ({
  containerOverrides: { resourceRequirements: [{ type, value }] },
})
const target = (over: Input) => ({
  Target: {
    Arn: 'arn:aws:scheduler:::aws-sdk:batch:submitJob',
    RoleArn: 'arn:aws:iam::123456789012:role/r',
    Input: '{}',
    ...over,
  },
})
const retries = (over: Input) =>
  target({ RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600, ...over } })

// biome-ignore lint/suspicious/noExplicitAny: requests of many forms, which the model has checked before.
const held = (input: Input, ...path: (string | number)[]): any =>
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  path.reduce<any>((at, step) => at?.[step], input)
const isAbsentOr = (value: unknown, check: boolean) => value === undefined || check
const isBetween = (value: unknown, least: number, most: number) =>
  isAbsentOr(value, Number.isInteger(value) && Number(value) >= least && Number(value) <= most)

const filters = ['JOB_NAME', 'JOB_DEFINITION', 'BEFORE_CREATED_AT', 'AFTER_CREATED_AT', 'SHARE_IDENTIFIER']
const filter = (name: string) => ({ filters: [{ name, values: ['1'] }] })

const number = '(\\d{1,4}|[A-Z]{3})'
const item = `(\\*|${number})(-${number})?(/\\d+)?`
const list = `${item}(,${item})*`
/** Of another making than the check in the program: one expression over all. */
const cronForm = new RegExp(
  `^cron\\(${list} ${list} (\\?|L|LW|\\d+W|${list}) ${list} (\\?|L|${number}L|${number}#[1-5]|${list}) ${list}\\)$`,
)
const fieldsOf = (text: unknown) => /^cron\((.*)\)$/.exec(String(text))?.[1].split(' ')
const isOther = (text: unknown) => /^(rate|at)\(/.test(String(text))
function isInRange(text: unknown): boolean {
  const [minutes = '', hours = '', day = '', month = ''] = fieldsOf(text) ?? []
  const isBelow = (field: string, most: number) => (field.match(/\d+/g) ?? []).every((n) => Number(n) <= most)
  return isBelow(minutes, 59) && isBelow(hours, 23) && isBelow(day, 31) && isBelow(month, 12)
}

export const limits: Limit[] = [
  {
    operation: 'SubmitJob',
    name: 'job name: 128 characters',
    source: submitJob,
    within: { jobName: 'a'.repeat(128) },
    beyond: { jobName: 'a'.repeat(129) },
    isKept: ({ jobName }) => String(jobName).length <= 128,
  },
  {
    operation: 'SubmitJob',
    name: 'job name: A-Z a-z 0-9 _ -',
    source: submitJob,
    within: { jobName: 'a_B-9' },
    beyond: { jobName: 'nightly-02:00' },
    isKept: ({ jobName }) => /^[A-Za-z0-9_-]+$/.test(String(jobName)),
  },
  {
    operation: 'SubmitJob',
    name: 'job name: a letter or digit first',
    source: submitJob,
    within: { jobName: '9a' },
    beyond: { jobName: '-a' },
    isKept: ({ jobName }) => /^[A-Za-z0-9]/.test(String(jobName)),
  },
  {
    operation: 'SubmitJob',
    name: 'array size: 2 at least',
    source: submitJob,
    within: { arrayProperties: { size: 2 } },
    beyond: { arrayProperties: { size: 1 } },
    isKept: (input) => isBetween(held(input, 'arrayProperties', 'size'), 2, 2 ** 31),
  },
  {
    operation: 'SubmitJob',
    name: 'array size: 10,000 at most',
    source: submitJob,
    within: { arrayProperties: { size: 10_000 } },
    beyond: { arrayProperties: { size: 10_001 } },
    isKept: (input) => isBetween(held(input, 'arrayProperties', 'size'), 0, 10_000),
  },
  {
    operation: 'SubmitJob',
    name: 'timeout: 60 seconds at least',
    source: submitJob,
    within: { timeout: { attemptDurationSeconds: 60 } },
    beyond: { timeout: { attemptDurationSeconds: 59 } },
    isKept: (input) => isBetween(held(input, 'timeout', 'attemptDurationSeconds'), 60, 2 ** 31),
  },
  {
    operation: 'SubmitJob',
    name: 'dependencies: 20 at most',
    source: submitJob,
    within: dependencies(20),
    beyond: dependencies(21),
    isKept: (input) => isBetween(held(input, 'dependsOn', 'length'), 0, 20),
  },
  {
    operation: 'SubmitJob',
    name: 'variables must not begin with AWS_BATCH',
    source: overrides,
    within: variable('AWS_BAT'),
    beyond: variable('AWS_BATCH_X'),
    isKept: (input) =>
      !(held(input, 'containerOverrides', 'environment') ?? []).some((e: { name: string }) =>
        e.name.startsWith('AWS_BATCH'),
      ),
  },
  {
    operation: 'SubmitJob',
    name: 'command: no empty string',
    source: overrides,
    within: commandOf('nightly'),
    beyond: commandOf('nightly', ''),
    isKept: (input) => !(held(input, 'containerOverrides', 'command') ?? []).includes(''),
  },
  {
    operation: 'SubmitJob',
    name: 'container overrides: 8192 characters',
    source: 'the message of the service: Container Overrides length must be at most 8192',
    within: commandOf('x'.repeat(8192 - '{"command":[""]}'.length)),
    beyond: commandOf('x'.repeat(8193 - '{"command":[""]}'.length)),
    isKept: (input) => JSON.stringify(input.containerOverrides ?? {}).length <= 8192,
  },
  {
    operation: 'SubmitJob',
    name: 'resources: GPU, MEMORY, VCPU, in whole numbers from 1',
    source: 'batch/latest/APIReference/API_ResourceRequirement.html',
    within: requirement('GPU', '1'),
    beyond: requirement('GPU', '0'),
    isKept: (input) =>
      (held(input, 'containerOverrides', 'resourceRequirements') ?? []).every(
        ({ type, value }: { type: string; value: string }) =>
          type in ResourceType && /^[1-9]\d*$/.test(value),
      ),
  },
  {
    operation: 'DescribeJobs',
    name: 'jobs: 100 ids',
    source: 'batch/latest/APIReference/API_DescribeJobs.html',
    within: { jobs: Array.from({ length: 100 }, () => id) },
    beyond: { jobs: Array.from({ length: 101 }, () => id) },
    isKept: (input) => isBetween(held(input, 'jobs', 'length'), 0, 100),
  },
  {
    operation: 'ListJobs',
    name: 'one filter at a time',
    source: listJobs,
    within: filter('JOB_NAME'),
    beyond: { filters: [...filter('JOB_NAME').filters, ...filter('AFTER_CREATED_AT').filters] },
    isKept: (input) => isBetween(held(input, 'filters', 'length'), 0, 1),
  },
  {
    operation: 'ListJobs',
    name: 'names of filters',
    source: listJobs,
    within: filter('AFTER_CREATED_AT'),
    beyond: filter('job_name'),
    isKept: (input) => isAbsentOr(input.filters, filters.includes(held(input, 'filters', 0, 'name'))),
  },
  {
    operation: 'ListJobs',
    name: 'exactly one of queue, array and multi-node job',
    source: listJobs,
    within: {},
    beyond: { arrayJobId: id },
    isKept: (input) =>
      ['jobQueue', 'arrayJobId', 'multiNodeJobId'].filter((name) => input[name] !== undefined).length === 1,
  },
  {
    operation: 'ListJobs',
    name: 'states',
    source: listJobs,
    within: { jobStatus: 'RUNNABLE' },
    beyond: { jobStatus: 'QUEUED' },
    isKept: (input) => isAbsentOr(input.jobStatus, String(input.jobStatus) in JobStatus),
  },
  ...['CancelJob', 'TerminateJob'].map((operation) => ({
    operation,
    name: 'reason: 1024 characters',
    source: `batch/latest/APIReference/API_${operation}.html`,
    within: { reason: 'r'.repeat(1024) },
    beyond: { reason: 'r'.repeat(1025) },
    isKept: ({ reason }: Input) => String(reason).length <= 1024,
  })),
  {
    operation: 'GetLogEvents',
    name: 'group by name or by identifier, not both',
    source: logEvents,
    within: {},
    beyond: { logGroupIdentifier: '/nightjar/jobs' },
    isKept: (input) => (input.logGroupName === undefined) !== (input.logGroupIdentifier === undefined),
  },
  {
    operation: 'GetLogEvents',
    name: 'a forward token goes with startFromHead',
    source: logEvents,
    within: { nextToken: 'f/0', startFromHead: true },
    beyond: { nextToken: 'f/0', startFromHead: false },
    isKept: (input) => !String(input.nextToken ?? '').startsWith('f/') || input.startFromHead === true,
  },
  ...['CreateSchedule', 'UpdateSchedule'].flatMap((operation): Limit[] => [
    {
      operation,
      name: 'name: 64 characters',
      source: createSchedule,
      within: { Name: 'n'.repeat(64) },
      beyond: { Name: 'n'.repeat(65) },
      isKept: ({ Name }) => String(Name).length <= 64,
    },
    {
      operation,
      name: 'name: 0-9 a-z A-Z - _ .',
      source: createSchedule,
      within: { Name: 'n_-.9' },
      beyond: { Name: 'n n' },
      isKept: ({ Name }) => /^[0-9a-zA-Z-_.]+$/.test(String(Name)),
    },
    {
      operation,
      name: 'group name: as a name',
      source: createSchedule,
      within: { GroupName: 'nightjar' },
      beyond: { GroupName: 'a group' },
      isKept: ({ GroupName }) => isAbsentOr(GroupName, /^[0-9a-zA-Z-_.]{1,64}$/.test(String(GroupName))),
    },
    {
      operation,
      name: 'cron: six fields',
      source: cron,
      within: { ScheduleExpression: 'cron(0 2 * * ? *)' },
      beyond: { ScheduleExpression: 'cron(0 2 * * ?)' },
      isKept: ({ ScheduleExpression: text }) => isOther(text) || fieldsOf(text)?.length === 6,
    },
    {
      operation,
      name: 'cron: ? in exactly one of the two fields of days',
      source: cron,
      within: { ScheduleExpression: 'cron(0 2 ? * MON-FRI *)' },
      beyond: { ScheduleExpression: 'cron(0 2 * * * *)' },
      isKept: ({ ScheduleExpression: text }) =>
        isOther(text) || (fieldsOf(text)?.[2] === '?') !== (fieldsOf(text)?.[4] === '?'),
    },
    {
      operation,
      name: 'cron: numbers in their ranges',
      source: cron,
      within: { ScheduleExpression: 'cron(59 23 31 12 ? 2199)' },
      beyond: { ScheduleExpression: 'cron(0 24 * * ? *)' },
      isKept: ({ ScheduleExpression: text }) => isOther(text) || isInRange(text),
    },
    {
      operation,
      name: 'cron: the form of each field',
      source: cron,
      within: { ScheduleExpression: 'cron(0/15 8-17,20 ? JAN-MAR 2#1 *)' },
      beyond: { ScheduleExpression: 'cron(0 2 * *, ? *)' },
      isKept: ({ ScheduleExpression: text }) => isOther(text) || cronForm.test(String(text)),
    },
    {
      operation,
      name: 'time zone: 50 characters',
      source: createSchedule,
      within: { ScheduleExpressionTimezone: 'Europe/Berlin' },
      beyond: { ScheduleExpressionTimezone: 'z'.repeat(51) },
      isKept: ({ ScheduleExpressionTimezone: zone }) => isAbsentOr(zone, String(zone).length <= 50),
    },
    {
      operation,
      name: 'client token: 64 of a-z A-Z 0-9 - _',
      source: createSchedule,
      within: { ClientToken: 't'.repeat(64) },
      beyond: { ClientToken: 't'.repeat(65) },
      isKept: ({ ClientToken }) => isAbsentOr(ClientToken, /^[a-zA-Z0-9-_]{1,64}$/.test(String(ClientToken))),
    },
    {
      operation,
      name: 'retries: 185 at most',
      source: retryPolicy,
      within: retries({ MaximumRetryAttempts: 185 }),
      beyond: retries({ MaximumRetryAttempts: 186 }),
      isKept: (input) => isBetween(held(input, 'Target', 'RetryPolicy', 'MaximumRetryAttempts'), 0, 185),
    },
    {
      operation,
      name: 'age of an event: 60 to 86,400 seconds',
      source: retryPolicy,
      within: retries({ MaximumEventAgeInSeconds: 60 }),
      beyond: retries({ MaximumEventAgeInSeconds: 59 }),
      isKept: (input) =>
        isBetween(held(input, 'Target', 'RetryPolicy', 'MaximumEventAgeInSeconds'), 60, 86_400),
    },
    {
      operation,
      name: 'flexible window: OFF or FLEXIBLE',
      source: 'scheduler/latest/APIReference/API_FlexibleTimeWindow.html',
      within: { FlexibleTimeWindow: { Mode: 'OFF' } },
      beyond: { FlexibleTimeWindow: { Mode: 'off' } },
      isKept: (input) => ['OFF', 'FLEXIBLE'].includes(held(input, 'FlexibleTimeWindow', 'Mode')),
    },
    {
      operation,
      name: "role: a role's ARN",
      source: 'scheduler/latest/APIReference/API_Target.html',
      within: target({}),
      beyond: target({ RoleArn: 'nightjar-scheduler' }),
      isKept: (input) =>
        /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(held(input, 'Target', 'RoleArn')),
    },
    {
      operation,
      name: 'target: an action that changes something',
      source: 'scheduler/latest/UserGuide/managing-targets-universal.html',
      within: target({}),
      beyond: target({ Arn: 'arn:aws:scheduler:::aws-sdk:batch:describeJobs' }),
      isKept: (input) =>
        /^arn:aws[a-z-]*:scheduler:::aws-sdk:[a-z0-9]+:(?!get|describe|list)[a-z]\w+$/.test(
          held(input, 'Target', 'Arn'),
        ),
    },
    {
      operation,
      name: 'input: 256 KB',
      source: 'scheduler/latest/APIReference/API_Target.html',
      within: target({ Input: JSON.stringify('x'.repeat(256 * 1024 - 2)) }),
      beyond: target({ Input: JSON.stringify('x'.repeat(256 * 1024 - 1)) }),
      isKept: (input) => Buffer.byteLength(held(input, 'Target', 'Input') ?? '') <= 256 * 1024,
    },
  ]),
]

/** The error of the first limit that a request does not keep. */
export function refusalBeyond(operation: string, input: Input): Refusal | undefined {
  const broken = limits.find((limit) => limit.operation === operation && !limit.isKept(input))
  if (broken === undefined) return undefined
  // Batch has one error for whatever a client does wrong.
  const isBatch = ['SubmitJob', 'DescribeJobs', 'ListJobs', 'CancelJob', 'TerminateJob'].includes(operation)
  const code = isBatch
    ? 'ClientException'
    : operation === 'GetLogEvents'
      ? 'InvalidParameterException'
      : 'ValidationException'
  return new Refusal(code, broken.name)
}
