import { UsageError } from '../../errors.ts'

/**
 * What AWS Batch refuses, refused here first with the name of the option. `docs/reference/limits.md` has the sources.
 */
export const arrayJobs = { least: 2, most: 10_000 }
export const dependenciesMax = 20
export const timeoutSecondsLeast = 60
const reasonCharsMax = 1024
export const overridesCharsMax = 8192
const jobName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/
const resourceName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/
const revision = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}(:[1-9]\d{0,9})?$/
const arn = /^arn:[a-z0-9-]+:batch:[a-z0-9-]+:\d{12}:[A-Za-z0-9_\-/:]+$/
const jobId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(:\d{1,4})?$/

export function checkJobName(name: string): string {
  if (jobName.test(name)) return name
  throw new UsageError(
    `invalid --name: ${name} (want 1 to 128 of A-Z a-z 0-9 _ -, the first of them a letter or a digit)`,
  )
}

export function checkQueue(name: string): string {
  if (resourceName.test(name) || arn.test(name)) return name
  throw new UsageError(`invalid --queue: ${name} (want the name or ARN of a job queue)`)
}

export function checkDefinition(name: string): string {
  if (revision.test(name) || arn.test(name)) return name
  throw new UsageError(
    `invalid --definition: ${name} (want NAME, NAME:REVISION or the ARN of a job definition)`,
  )
}

/** `3f0c...`, or `3f0c...:3` for a child of an array. */
export function checkJobId(id: string): string {
  if (jobId.test(id)) return id
  throw new UsageError(`invalid job id: ${id} (want an id such as submit and list print, or ID:INDEX)`)
}

export function checkReason(reason: string): string {
  if (reason !== '' && reason.length <= reasonCharsMax) return reason
  throw new UsageError(`invalid --reason: ${reason.length} characters (want 1 to ${reasonCharsMax})`)
}

/** `K=V`, of which the name is checked and the value may be anything. */
export function parseVariable(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  // The value may be a secret: only the name is told.
  if (at < 0) throw new UsageError(`invalid --env: no = after ${name.slice(0, 40)} (want NAME=VALUE)`)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new UsageError(`invalid --env: the name ${name} (want letters, digits and _, no digit first)`)
  if (name.startsWith('AWS_BATCH'))
    throw new UsageError(`invalid --env: ${name} (names that begin with AWS_BATCH are Batch's own)`)
  return { ...earlier, [name]: text.slice(at + 1) }
}

/** `90s`, `45m`, `6h`, `2d` in milliseconds. */
export function parseDuration(name: string): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,6})(s|m|h|d)$/.exec(text)
    if (match === null) throw new UsageError(`invalid ${name}: ${text} (want 90s, 45m, 6h or 2d)`)
    const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's' | 'm' | 'h' | 'd']
    return Number(match[1]) * unitMs
  }
}
