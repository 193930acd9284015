import { Command, CommanderError } from 'commander'
import { type Cloud, systemCloud } from '../cloud/cloud.ts'
import { type ExitCode, exitCodes, NightjarError } from '../errors.ts'
import { nightjarVersion } from '../nightjar-version.ts'
import { EndWith } from './command.ts'

/**
 * The commands in the order of the pipeline: the help reads as what happens to the data. Each is loaded when it is asked for:
 * what all of them need takes a second to read.
 */
const commands: Readonly<Record<string, (cloud: () => Cloud) => Promise<Command>>> = {
  import: async () => (await import('./commands/import.ts')).importCommand(),
  split: async () => (await import('./commands/split.ts')).splitCommand(),
  models: async () => (await import('./commands/models.ts')).modelsCommand(),
  tune: async () => (await import('./commands/tune.ts')).tuneCommand(),
  train: async () => (await import('./commands/train.ts')).trainCommand(),
  'fold-in': async () => (await import('./commands/fold-in.ts')).foldInCommand(),
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  publish: async () => (await import('./commands/publish.ts')).publishCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  nightly: async () => (await import('./commands/nightly.ts')).nightlyCommand(),
  versions: async () => (await import('./commands/versions.ts')).versionsCommand(),
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand(),
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand(),
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand(),
  submit: async (cloud) => (await import('./commands/submit.ts')).submitCommand(cloud),
  status: async (cloud) => (await import('./commands/status.ts')).statusCommand(cloud),
  logs: async (cloud) => (await import('./commands/logs.ts')).logsCommand(cloud),
  cancel: async (cloud) => (await import('./commands/cancel.ts')).cancelCommand(cloud),
  list: async (cloud) => (await import('./commands/list.ts')).listCommand(cloud),
  schedule: async (cloud) => (await import('./commands/schedule.ts')).scheduleCommand(cloud),
  hide: async () => (await import('./commands/hide.ts')).hideCommand(),
  unhide: async () => (await import('./commands/unhide.ts')).unhideCommand(),
  hidden: async () => (await import('./commands/hidden.ts')).hiddenCommand(),
  forget: async () => (await import('./commands/forget.ts')).forgetCommand(),
  compact: async () => (await import('./commands/compact.ts')).compactCommand(),
  feedback: async () => (await import('./commands/feedback.ts')).feedbackCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  demo: async () => (await import('./commands/demo.ts')).demoCommand(),
}

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
