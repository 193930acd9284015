import { Command, CommanderError } from 'commander'
import { type Cloud, systemCloud } from '../cloud/cloud.ts'
import { type ExitCode, exitCodes, NightjarError } from '../errors.ts'
import { nightjarVersion } from '../nightjar-version.ts'
import { EndWith } from './command.ts'
import { cancelCommand } from './commands/cancel.ts'
import { compactCommand } from './commands/compact.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { exportCommand } from './commands/export.ts'
import { feedbackCommand } from './commands/feedback.ts'
import { foldInCommand } from './commands/fold-in.ts'
import { forgetCommand } from './commands/forget.ts'
import { hiddenCommand } from './commands/hidden.ts'
import { hideCommand } from './commands/hide.ts'
import { importCommand } from './commands/import.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { modelsCommand } from './commands/models.ts'
import { nightlyCommand } from './commands/nightly.ts'
import { publishCommand } from './commands/publish.ts'
import { reportCommand } from './commands/report.ts'
import { reproduceCommand } from './commands/reproduce.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { scheduleCommand } from './commands/schedule.ts'
import { serveCommand } from './commands/serve.ts'
import { splitCommand } from './commands/split.ts'
import { statusCommand } from './commands/status.ts'
import { submitCommand } from './commands/submit.ts'
import { trainCommand } from './commands/train.ts'
import { tuneCommand } from './commands/tune.ts'
import { unhideCommand } from './commands/unhide.ts'
import { versionsCommand } from './commands/versions.ts'

/** The commands in the order of the pipeline: the help reads as what happens to the data. */
function program(cloud: () => Cloud): Command {
  const nightjar = new Command('nightjar')
    .description('Nightly retrained recommendations, served at the edge.')
    .version(nightjarVersion().version)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nStart with `nightjar demo`; every command has --help with an example.')
  for (const command of [
    importCommand(),
    splitCommand(),
    modelsCommand(),
    tuneCommand(),
    trainCommand(),
    foldInCommand(),
    evaluateCommand(),
    exportCommand(),
    reportCommand(),
    publishCommand(),
    serveCommand(),
    nightlyCommand(),
    versionsCommand(),
    rollbackCommand(),
    reproduceCommand(),
    submitCommand(cloud),
    statusCommand(cloud),
    logsCommand(cloud),
    cancelCommand(cloud),
    listCommand(cloud),
    scheduleCommand(cloud),
    hideCommand(),
    unhideCommand(),
    hiddenCommand(),
    forgetCommand(),
    compactCommand(),
    feedbackCommand(),
    doctorCommand(),
    demoCommand(),
  ]) {
    nightjar.addCommand(command)
  }
  for (const command of [nightjar, ...nightjar.commands.flatMap((c) => [c, ...c.commands])]) {
    command.exitOverride().showSuggestionAfterError(true)
  }
  return nightjar
}

/**
 * Runs one command line.
 *
 * @param cloud time and chance for the commands that talk to AWS
 * @returns the exit code
 */
export async function main(args: string[], cloud: () => Cloud = systemCloud): Promise<ExitCode> {
  try {
    const nightjar = program(cloud)
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
