import { UsageError } from '../../errors.ts'
import { parsePlannedAt } from '../../nightly/night-id.ts'

/** The parameter of the job definition that its own command takes the night from. */
export const nightParameter = 'at'

export function isNightly(command: readonly string[]): boolean {
  return command[0] === 'nightly'
}

/** The value of an option in a command, as `--at X` or `--at=X`; the last one counts, as in the command line itself. */
export function optionOf(command: readonly string[], option: string): string | undefined {
  let found: string | undefined
  command.forEach((word, i) => {
    if (word === option) found = command[i + 1]
    else if (word.startsWith(`${option}=`)) found = word.slice(option.length + 1)
  })
  return found
}

/**
 * A `nightly` command that names its night, so that another attempt of the job does the same night.
 *
 * @param planned the night that `--at` of submit names, if it does
 * @param night what night it is where neither names one
 * @throws UsageError where both name one, and not the same
 */
export function withNight(command: readonly string[], planned: Date | undefined, night: Date) {
  const written = optionOf(command, '--at')
  if (written === undefined) {
    const at = planned ?? night
    return { command: [...command, '--at', isoSeconds(at)], night: at }
  }
  const at = parsePlannedAt(written)
  if (planned !== undefined && planned.getTime() !== at.getTime())
    throw new UsageError(
      `--at ${isoSeconds(planned)} and --at ${written} of the command name two nights`,
      'give --at once',
    )
  return { command: [...command], night: at }
}

/**
 * The night that a job of Batch stands for, whoever submitted it: from its command, or from the parameter that the
 * definition's own command takes. Undefined where it is no night.
 */
export function nightOf(
  command: readonly string[] | undefined,
  parameters: Record<string, string> | undefined,
): Date | undefined {
  if (command === undefined || !isNightly(command)) return undefined
  const written = optionOf(command, '--at')
  const text = written === undefined || written.startsWith('Ref::') ? parameters?.[nightParameter] : written
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : new Date(time)
}

/** `2026-11-26T02:00:00Z`, as EventBridge Scheduler writes a time. */
export function isoSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
