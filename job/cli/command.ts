import { Command } from 'commander'
import { type Clock, systemClock } from '../clock.ts'
import { type ExitCode, UsageError } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { openProgress, type Verbosity } from './progress-output.ts'

/** What every command gets beside its own arguments. */
export interface CommandContext {
  clock: Clock
  progress: Progress
  /** Aborted by Ctrl-C; a second Ctrl-C ends the process at once. */
  signal: AbortSignal
  /** More detail was asked for. */
  verbose: boolean
  /**
   * The command's result, on standard output: `data` with `--json`, else the text. Everything else goes to
   * standard error, so that results can be piped.
   */
  result(data: unknown, text: () => string): void
}

/** Options that every command takes. */
interface CommonOptions {
  json?: boolean
  quiet?: boolean
  verbose?: boolean
}

/** A command with what all of them share: `--json`, `--quiet`, `--verbose` and an example in its help. */
export function command(name: string, summary: string, example: string): Command {
  return withCommonOptions(new Command(name))
    .description(summary)
    .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}`)
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'no progress, only the result')
    .option('-v, --verbose', 'more detail, and stacks under errors')
}

/** Wraps a command's work: gives it a context, and a signal that Ctrl-C aborts. */
export function action<Args extends unknown[]>(
  work: (context: CommandContext, ...args: Args) => Promise<void>,
): (this: Command, ...args: Args) => Promise<void> {
  return async function (this: Command, ...args: Args): Promise<void> {
    const options = this.optsWithGlobals<CommonOptions>()
    const verbosity: Verbosity = options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal'
    const abort = new AbortController()
    const progress = openProgress(process.stderr, systemClock, verbosity)
    const onSignal = () => {
      if (abort.signal.aborted) process.exit(6)
      progress.note('stopping where nothing is half-written; once more to stop at once')
      abort.abort()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    // The terminal was closed.
    process.on('SIGHUP', onSignal)
    if (verbosity === 'verbose') tellConfigured(this, progress)
    try {
      await work(
        {
          clock: systemClock,
          progress,
          signal: abort.signal,
          verbose: verbosity === 'verbose',
          result: (data, text) =>
            process.stdout.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : `${text()}\n`),
        },
        ...args,
      )
    } finally {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('SIGHUP', onSignal)
      progress.end()
    }
  }
}

/** Which options a configuration file has set. */
function tellConfigured(command: Command, progress: Progress): void {
  const set = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'config')
    .map(({ long, defaultValueDescription }) => `${long}: ${defaultValueDescription}`)
  for (const line of set) progress.note(line)
}

/** Ends the command line with an exit code, where the command's result has said all there is to say. */
export class EndWith extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode) {
    super(`exit code ${exitCode}`)
    this.exitCode = exitCode
  }
}

/** An option's parser: a whole number from `least` to `most`. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new UsageError(`invalid ${name}: ${text} (want an integer from ${least} to ${most})`)
  }
}

/** An option's parser: a number from `least` to `most`. */
export function number(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw new UsageError(`invalid ${name}: ${text} (want a number from ${least} to ${most})`)
  }
}

/** An option's parser: a share, as `0.05` or `5%`. */
export function share(name: string): (text: string) => number {
  return (text) => {
    const [, digits, percent] = /^\s*([\d.]+)(%?)\s*$/.exec(text) ?? []
    const value = Number(digits) / (percent === '%' ? 100 : 1)
    if (value >= 0 && value <= 1) return value
    throw new UsageError(`invalid ${name}: ${text} (want a share: 0.05 or 5%, at most 1)`)
  }
}

/** An option's parser: one of a few words. */
export function oneOf<Word extends string>(name: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((w) => w === text)
    if (word !== undefined) return word
    const wanted = `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
    throw new UsageError(`unknown ${name}: ${text} (want ${wanted})`)
  }
}
