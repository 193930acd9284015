import type { Option } from 'commander'
import { NightjarError, UsageError } from '../../errors.ts'
import { isCollecting } from '../collecting.ts'

/**
 * An option's value where a configuration file gives it: text goes through the option's own parser, as a word of the
 * command line does. What an option takes is told by its declaration: a switch takes true or false, one with a value takes
 * text or a number, one that may be given again a list of them, and `name=value` an object.
 *
 * @param at where it stands, for errors: `nightjar.config.json: train.epochs`
 * @returns undefined where the file says what would be so without it
 * @throws UsageError where the option does not take it
 */
export function optionValue(option: Option, given: unknown, at: string): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof given !== 'boolean') throw wrongKind(at, given, 'true or false')
    return given === option.negate ? undefined : given
  }
  const texts = textsOf(option, given, at)
  const { parseArg } = option
  if (parseArg === undefined) return option.variadic ? texts : texts[0]
  try {
    return texts.reduce((before: unknown, text) => parseArg<unknown>(text, before), option.defaultValue)
  } catch (error) {
    if (error instanceof NightjarError) throw new UsageError(`${at}: ${error.message}`, error.fix)
    throw error
  }
}

/** What one would write on the command line, a word for each time. */
function textsOf(option: Option, given: unknown, at: string): string[] {
  if (isWord(given)) return [String(given)]
  const takesMany = option.variadic || isCollecting(option)
  if (takesMany && Array.isArray(given) && given.every(isWord)) return given.map(String)
  const takesNames = option.flags.includes('<name=')
  if (takesNames && isObject(given))
    return Object.entries(given).map(([name, value]) => `${name}=${wordOf(value, `${at}.${name}`)}`)
  const kinds = ['text', 'a number']
  if (takesMany) kinds.push('a list of them')
  if (takesNames) kinds.push('an object')
  throw wrongKind(at, given, `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}, for ${option.flags}`)
}

/** The part behind `name=`. */
function wordOf(value: unknown, at: string): string {
  if (isWord(value) || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value) && value.every(isWord)) return value.join(',')
  throw wrongKind(at, value, 'text, a number, true, false, null or a list')
}

export function wrongKind(at: string, given: unknown, want: string): UsageError {
  return new UsageError(`${at}: got ${JSON.stringify(given)?.slice(0, 60)} (want ${want})`)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const isWord = (value: unknown) => typeof value === 'string' || typeof value === 'number'
