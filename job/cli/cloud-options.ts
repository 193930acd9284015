import type { Command } from 'commander'
import { checkDefinition, checkQueue } from '../cloud/batch/limits.ts'
import { isNightly, optionOf } from '../cloud/batch/night-command.ts'
import type { Cloud } from '../cloud/cloud.ts'
import { UsageError } from '../errors.ts'
import type { Progress } from '../progress.ts'
import type { CommandContext } from './command.ts'
import { commands } from './command-table.ts'

/** The names that the stack of `infra/` gives; the environment names others. */
export const defaultQueue = () => checkQueue(process.env.NIGHTJAR_BATCH_QUEUE || 'nightjar')
export const defaultDefinition = () => checkDefinition(process.env.NIGHTJAR_BATCH_DEFINITION || 'nightjar')

/** Said under a wrong option, for it often is the container's. */
export const commandAfterDashes = 'What the container runs stands after --: nightjar submit -- nightly ...'

export function withQueueOption(command: Command): Command {
  return command.option(
    '--queue <name>',
    'job queue (default: NIGHTJAR_BATCH_QUEUE, or nightjar)',
    checkQueue,
  )
}

export function withDefinitionOption(command: Command): Command {
  return command.option(
    '--definition <name>',
    'job definition (default: NIGHTJAR_BATCH_DEFINITION, or nightjar)',
    checkDefinition,
  )
}

/**
 * Looks at what the container is to run before a machine is waited and paid for: whether nightjar has the command, and
 * whether what a night makes outlives the container, which is told.
 *
 * @throws UsageError for a command that nightjar does not have
 */
export function checkContainerCommand(words: readonly string[], progress: Progress): void {
  const [word] = words
  if (word !== undefined && !word.startsWith('-') && !Object.hasOwn(commands, word))
    throw new UsageError(
      `unknown command: ${oneLine(word)} (what the container runs is a command of nightjar, such as nightly)`,
      'nightjar help lists them',
    )
  if (!isNightly(words)) return
  for (const option of ['--dataset', '--runs', '--to']) {
    const place = optionOf(words, option)
    // An absolute path may be a volume that is mounted there.
    if (place === undefined || /^(s3:\/\/|cloudflare:|\/|local:\/|file:)/.test(place)) continue
    progress.note(`note: ${option} ${oneLine(place)} lies in the container, and goes with it`)
  }
}

/** The cloud of one command: its waits end with Ctrl-C, and its delays are told. */
export function cloudOf(open: () => Cloud, { signal, progress }: CommandContext): Cloud {
  return { ...open(), signal, note: (line) => progress.note(line) }
}

/** `2026-11-26 02:00:05`, in UTC. */
export function shownTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** Text from outside on one line of a terminal: no control characters. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}
