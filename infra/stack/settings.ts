import { CfnParameter, Fn, type Stack, Token } from 'aws-cdk-lib'

/**
 * What differs from one shop to the next. Each may be given to CDK as context (`-c alarmEmail=...`), and then stands in
 * the template. What is not given becomes a parameter of the template, for who deploys that.
 *
 * Context is no parameter's default: CloudFormation keeps a parameter's earlier value when a default changes, and a
 * changed context would be ignored in silence.
 */
export interface Settings {
  /** Who is told when a night fails. */
  alarmEmail: string
  cloudflareAccountId: string
  /** The namespace in Cloudflare's KV that the worker reads. */
  kvNamespaceId: string
  /** The image's tag in the repository of this stack. A tag never changes its image. */
  imageTag: string
  /** When a night begins, as EventBridge Scheduler writes it. */
  cron: string
  timezone: string
  scheduleState: string
  /** How long one attempt may take. */
  timeoutSeconds: number
  /** EC2 instance types or families that a job may get. */
  gpuTypes: string[]
  /** The most vCPUs at once in each of the two compute environments. */
  vcpusMax: number
  /** Hours without a published version after which somebody is told. */
  silentHours: number
}

interface Setting {
  description: string
  pattern?: RegExp
  /** What a pattern cannot tell; asked where CDK has the value, for CloudFormation has patterns alone. */
  check?: (text: string) => boolean
  default?: string
  /** Least and greatest; makes it a number. */
  range?: [number, number]
}

const settingTable = {
  alarmEmail: {
    description: 'Who gets a mail when a night fails; must be confirmed by the link in the first mail',
    pattern: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  },
  cloudflareAccountId: { description: "Cloudflare's account id", pattern: /^[0-9a-f]{32}$/ },
  kvNamespaceId: { description: 'The KV namespace that the worker reads', pattern: /^[0-9a-f]{32}$/ },
  imageTag: { description: 'The tag under which the image is pushed', pattern: /^[A-Za-z0-9][\w.-]{0,127}$/ },
  cron: {
    description: 'When a night begins: cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR), or rate(1 day)',
    pattern: /^(cron\((\S+ ){5}\S+\)|rate\([1-9]\d* (minute|hour|day)s?\))$/,
    default: 'cron(0 2 * * ? *)',
  },
  timezone: {
    description: 'The time zone of the schedule, as Europe/Berlin',
    pattern: /^[\w+-]+(\/[\w+-]+)*$/,
    check: isTimeZone,
    default: 'UTC',
  },
  scheduleState: {
    description: 'DISABLED keeps the schedule from starting nights',
    pattern: /^(ENABLED|DISABLED)$/,
    default: 'ENABLED',
  },
  timeoutSeconds: {
    description: 'How long one attempt of a night may take, in seconds',
    range: [60, 86_400],
    default: '14400',
  },
  gpuTypes: {
    description: 'EC2 types with one NVIDIA GPU, or whole families, separated by commas',
    pattern: /^[a-z0-9][a-z0-9.-]*(,[a-z0-9][a-z0-9.-]*)*$/,
    default: 'g4dn.xlarge,g4dn.2xlarge,g5.xlarge,g5.2xlarge',
  },
  vcpusMax: {
    description: 'The most vCPUs at once, in each of the Spot and the on-demand environment',
    range: [4, 10_000],
    default: '16',
  },
  // CloudWatch looks back seven days at most.
  silentHours: {
    description: 'Hours without a published version before somebody is told',
    range: [1, 168],
    default: '26',
  },
} satisfies Record<keyof Settings, Setting>

/** @throws SettingError where the context holds what a setting does not take, or what is no setting */
export function settingsOf(stack: Stack): Settings {
  checkNames(stack)
  const text = (name: keyof Settings) => contextOf(stack, name) ?? parameter(stack, name).valueAsString
  const number = (name: keyof Settings) => {
    const given = contextOf(stack, name)
    return given === undefined ? parameter(stack, name).valueAsNumber : Number(given)
  }
  return {
    alarmEmail: text('alarmEmail'),
    cloudflareAccountId: text('cloudflareAccountId'),
    kvNamespaceId: text('kvNamespaceId'),
    imageTag: text('imageTag'),
    cron: text('cron'),
    timezone: text('timezone'),
    scheduleState: text('scheduleState'),
    timeoutSeconds: number('timeoutSeconds'),
    gpuTypes: list(text('gpuTypes')),
    vcpusMax: number('vcpusMax'),
    silentHours: number('silentHours'),
  }
}

/** What is wrong with the context: told without a stack, for it is no bug. */
export class SettingError extends Error {}

/** A misspelt setting would be passed over, and its parameter's default deployed. */
function checkNames(stack: Stack): void {
  const names = Object.keys(settingTable)
  // CDK's own have a colon or a slash: aws:cdk:..., @aws-cdk/core:...
  const given = Object.keys(stack.node.getAllContext() as object).filter((name) => !/[:/]/.test(name))
  const unknown = given.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new SettingError(`unknown setting: ${unknown} (want ${names.join(', ')})`)
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

function contextOf(stack: Stack, name: keyof Settings): string | undefined {
  const given: unknown = stack.node.tryGetContext(name)
  if (given === undefined) return undefined
  const { pattern, check, range, description }: Setting = settingTable[name]
  const text = String(given)
  const fits =
    range === undefined
      ? (pattern === undefined || pattern.test(text)) && (check === undefined || check(text))
      : /^\d+$/.test(text) && Number(text) >= range[0] && Number(text) <= range[1]
  if (!fits) {
    const wanted = range === undefined ? '' : ` (want ${range.join(' to ')})`
    throw new SettingError(`invalid ${name}: ${text}${wanted}. ${description}`)
  }
  return text
}

function parameter(stack: Stack, name: keyof Settings): CfnParameter {
  const { pattern, range, description, default: value }: Setting = settingTable[name]
  return new CfnParameter(stack, name[0].toUpperCase() + name.slice(1), {
    description,
    type: range === undefined ? 'String' : 'Number',
    ...(value === undefined ? {} : { default: value }),
    ...(range === undefined ? {} : { minValue: range[0], maxValue: range[1] }),
    ...(pattern === undefined ? {} : { allowedPattern: pattern.source, constraintDescription: description }),
  })
}

function list(text: string): string[] {
  return Token.isUnresolved(text) ? Fn.split(',', text) : text.split(',')
}
