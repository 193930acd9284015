import { Command, CommanderError } from 'commander'
import { type Cloud, systemCloud } from '../cloud/cloud.ts'
import { type ExitCode, exitCodes, NightjarError } from '../errors.ts'
import { packageVersion } from '../nightjar-version.ts'
import { EndWith } from './command.ts'
import { commands } from './command-table.ts'
import { applyConfig } from './config/config-defaults.ts'
import { readConfigFile } from './config/config-file.ts'
import { plainHelp } from './plain-help.ts'

/** @param args of them the command that was asked for; all are there where it is none, for help and for what was meant */
async function program(cloud: () => Cloud, args: readonly string[]): Promise<Command> {
  const nightjar = new Command('nightjar')
    .description('Nightly retrained recommendations, served at the edge.')
    .version(packageVersion())
    .option(
      '--config <file>',
      'defaults of options (default: nightjar.config.ts, .mjs, .js or .json in the working folder)',
    )
    .option('--no-config', 'without such a file')
    .hook('preSubcommand', async (nightjar, command) => {
      const file = await readConfigFile(nightjar.opts<{ config?: string | false }>().config)
      if (file !== undefined) applyConfig(command, file)
    })
    .addHelpText('after', '\nStart with `nightjar demo`; every command has --help with an example.')
  for (const load of wanted(args)) nightjar.addCommand(await load(cloud))
  for (const command of [nightjar, ...nightjar.commands.flatMap((c) => [c, ...c.commands])]) {
    command.configureHelp(plainHelp).exitOverride().showSuggestionAfterError(true)
  }
  return nightjar
}

function wanted(args: readonly string[]) {
  const [first] = args
  if (first === '--version' || first === '-V') return []
  const name = commandOf(args)
  return name === undefined ? Object.values(commands) : [commands[name]]
}

function commandOf(args: readonly string[]): keyof typeof commands | undefined {
  const name = args.find((word, n) => !word.startsWith('-') && args[n - 1] !== '--config')
  return name !== undefined && Object.hasOwn(commands, name) ? name : undefined
}

/**
 * Runs one command line.
 *
 * @param cloud time and chance for the commands that talk to AWS
 * @returns the exit code
 */
export async function main(args: string[], cloud: () => Cloud = systemCloud): Promise<ExitCode> {
  let nightjar: Command | undefined
  try {
    nightjar = await program(cloud, args)
    if (args.length === 0) {
      nightjar.outputHelp()
      return exitCodes.done
    }
    await nightjar.parseAsync(args, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    return report(error, args.includes('--verbose') || args.includes('-v') || isVerbose(nightjar), args)
  }
}

/** Also where a configuration file says so. */
function isVerbose(nightjar: Command | undefined): boolean {
  const all = nightjar?.commands.flatMap((command) => [command, ...command.commands]) ?? []
  return all.some((command) => command.opts<{ verbose?: boolean }>().verbose === true)
}

function helpFor(args: readonly string[]): string {
  const name = commandOf(args)
  return name === undefined
    ? 'nightjar --help lists the commands'
    : `nightjar ${name} --help shows what it takes, with an example`
}

/** One message, and no stack unless it was asked for or the fault is our own. */
function report(error: unknown, verbose: boolean, args: readonly string[]): ExitCode {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done
    process.stderr.write(`Fix: ${helpFor(args)}\n`)
    return exitCodes.usage
  }
  if (error instanceof EndWith) return error.exitCode
  if (error instanceof NightjarError) {
    process.stderr.write(`${error.format()}\n`)
    if (verbose)
      process.stderr.write(
        `${error.stack ?? ''}\n${error.cause === undefined ? '' : `caused by ${error.cause}\n`}`,
      )
    return error.exitCode
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`[BUG] nightjar met something it did not expect.\n${stack}\n`)
  return exitCodes.bug
}
