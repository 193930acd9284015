import { Command, CommanderError } from 'commander'
import { type Cloud, systemCloud } from '../cloud/cloud.ts'
import { type ExitCode, exitCodes, NightjarError } from '../errors.ts'
import { nightjarVersion } from '../nightjar-version.ts'
import { EndWith } from './command.ts'
import { commands } from './command-table.ts'

/** @param name the command that was asked for; all are there where it is none, for help and for what was meant */
async function program(cloud: () => Cloud, name: string | undefined): Promise<Command> {
  const nightjar = new Command('nightjar')
    .description('Nightly retrained recommendations, served at the edge.')
    .version(nightjarVersion().version)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nStart with `nightjar demo`; every command has --help with an example.')
  for (const load of wanted(name)) nightjar.addCommand(await load(cloud))
  for (const command of [nightjar, ...nightjar.commands.flatMap((c) => [c, ...c.commands])]) {
    command.exitOverride().showSuggestionAfterError(true)
  }
  return nightjar
}

function wanted(name: string | undefined) {
  if (name === '--version' || name === '-V') return []
  if (name !== undefined && Object.hasOwn(commands, name)) return [commands[name]]
  return Object.values(commands)
}

/**
 * Runs one command line.
 *
 * @param cloud time and chance for the commands that talk to AWS
 * @returns the exit code
 */
export async function main(args: string[], cloud: () => Cloud = systemCloud): Promise<ExitCode> {
  try {
    const nightjar = await program(cloud, args[0])
    if (args.length === 0) {
      nightjar.outputHelp()
      return exitCodes.done
    }
    await nightjar.parseAsync(args, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    return report(error, args.includes('--verbose') || args.includes('-v'))
  }
}

/** One message, and no stack unless it was asked for or the fault is our own. */
function report(error: unknown, verbose: boolean): ExitCode {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
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
