import { Command, type Option } from 'commander'
import { UsageError } from '../../errors.ts'
import { isCollecting } from '../collecting.ts'
import { withCommonOptions } from '../command.ts'
import { commands } from '../command-table.ts'
import type { ConfigFile } from './config-file.ts'
import { nearestName } from './nearest-name.ts'
import { isObject, optionValue, wrongKind } from './option-value.ts'

/** The section of the options that all commands take. */
const everywhere = 'all'

/**
 * Makes what the file says the defaults of a command's options, checked against the options that the command declares.
 * Sections of other commands are looked at when those run.
 *
 * @throws UsageError for a command or an option that there is not, and for a value that an option does not take
 */
export function applyConfig(command: Command, file: ConfigFile): void {
  const known = [everywhere, ...Object.keys(commands)]
  for (const name of Object.keys(file.sections))
    if (!known.includes(name)) throw notThere(file, name, 'command', known)
  const all = sectionOf(file, everywhere, file.sections)
  checkNames(file, everywhere, all, withCommonOptions(new Command()))
  applyTo(command, sectionOf(file, command.name(), file.sections), command.name(), all, file)
}

/** @param all the section of all commands: what it says yields to `section` */
function applyTo(
  command: Command,
  section: Record<string, unknown>,
  path: string,
  all: Record<string, unknown>,
  file: ConfigFile,
): void {
  checkNames(file, path, section, command)
  for (const part of command.commands) {
    const within = `${path}.${part.name()}`
    applyTo(part, sectionOf(file, within, section, part.name()), within, all, file)
  }
  for (const option of optionsOf(command)) {
    const name = option.attributeName()
    const from = Object.hasOwn(section, name) ? section : all
    if (!Object.hasOwn(from, name)) continue
    const at = `${file.place}: ${from === all ? everywhere : path}.${name}`
    const value = optionValue(option, from[name], at)
    if (value !== undefined) setDefault(command, option, value, `${shown(from[name])}, from ${file.place}`)
  }
}

/** The command line's word still wins, and the help shows the value with its source. */
function setDefault(command: Command, option: Option, value: unknown, told: string): void {
  const name = option.attributeName()
  const { parseArg, defaultValue: declared } = option
  if (isCollecting(option) && parseArg !== undefined) {
    // What is given on the command line takes the place of the file's, and is not added to it.
    option.argParser<unknown>((text, before) =>
      parseArg<unknown>(text, command.getOptionValueSource(name) === 'config' ? declared : before),
    )
  }
  option.default(value, told)
  // Of these the help shows no default by itself.
  if (option.negate) option.description += ` (${name}: ${told})`
  command.setOptionValueWithSource(name, value, 'config')
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sectionOf(
  file: ConfigFile,
  path: string,
  within: Record<string, unknown>,
  name = path,
): Record<string, unknown> {
  const section = Object.hasOwn(within, name) ? within[name] : {}
  if (isObject(section)) return section
  throw wrongKind(`${file.place}: ${path}`, section, 'an object of options')
}

function checkNames(file: ConfigFile, path: string, section: object, command: Command): void {
  const parts = command.commands.map((part) => part.name())
  const known = [...parts, ...optionsOf(command).map((option) => option.attributeName())]
  for (const name of Object.keys(section)) {
    if (!known.includes(name))
      throw notThere(file, `${path}.${name}`, parts.length > 0 ? 'command' : 'option', known)
  }
}

/** What a file may set: hidden ones are the program's own. */
function optionsOf(command: Command): Option[] {
  return command.options.filter(({ hidden }) => !hidden)
}

function notThere(file: ConfigFile, path: string, kind: string, known: readonly string[]): UsageError {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const meant = nearestName(name, known)
  return new UsageError(
    `${file.place}: ${path}: no such ${kind}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `want one of ${[...known].sort().join(', ')}`,
  )
}
