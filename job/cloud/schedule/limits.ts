import { UsageError } from '../../errors.ts'

/** What EventBridge Scheduler refuses, refused here first. `docs/reference/limits.md` has the sources. */
export const inputBytesMax = 256 * 1024
const name = /^[0-9a-zA-Z_.-]{1,64}$/
const roleArn = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/

export function checkScheduleName(text: string): string {
  if (name.test(text)) return text
  throw new UsageError(`invalid --name: ${text} (want 1 to 64 of A-Z a-z 0-9 _ . -)`)
}

export function checkGroupName(text: string): string {
  if (name.test(text)) return text
  throw new UsageError(`invalid --group: ${text} (want 1 to 64 of A-Z a-z 0-9 _ . -)`)
}

export function checkRole(text: string): string {
  if (roleArn.test(text)) return text
  throw new UsageError(
    `invalid --role: ${text} (want the ARN of a role: arn:aws:iam::123456789012:role/NAME)`,
  )
}

export function checkTimezone(text: string): string {
  try {
    if (text.length <= 50) new Intl.DateTimeFormat('en', { timeZone: text })
    // An offset is a time zone to Intl, and none to Scheduler.
    if (text.length <= 50 && !/^[+-]/.test(text)) return text
  } catch {
    // It says so below.
  }
  throw new UsageError(`unknown --timezone: ${text} (want a name such as UTC or Europe/Berlin)`)
}
