import { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import type { FeedbackSource } from '../../feedback/feedback-source.ts'
import { LocalFeedback } from '../../feedback/local-feedback.ts'
import { type PullReport, pullFeedback } from '../../feedback/pull-feedback.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command } from '../command.ts'

interface PullFlags {
  out: string
  from: string
}

/** `nightjar feedback`: what the worker was told of users. */
export function feedbackCommand(): Command {
  return new Command('feedback')
    .description('what users did, as the worker was told: pull')
    .addCommand(pullCommand())
}

function pullCommand(): Command {
  return command(
    'pull',
    'copy feedback that was not copied before into a file of JSON lines, for import; deletes nothing',
    'nightjar feedback pull --out work/feedback',
  )
    .requiredOption('--out <folder>', 'where the files and the ledger of what was pulled are written')
    .option('--from <place>', 'local, or local:STATE_FOLDER', 'local')
    .action(
      action(async ({ progress, signal, result }, { out, from }: PullFlags) => {
        const source = openFeedback(from)
        try {
          const pulled = await pullFeedback(source, openStore(out), { progress, signal })
          result(pulled, () => describe(pulled, source.name, out))
        } finally {
          await source.close()
        }
      }),
    )
}

/** @throws UsageError for a place that has no feedback */
function openFeedback(place: string): FeedbackSource {
  if (place === 'local') return new LocalFeedback()
  if (/^local:./.test(place)) return new LocalFeedback(place.slice('local:'.length))
  throw new UsageError(`unknown place to pull from: ${place} (want local or local:STATE_FOLDER)`)
}

function describe({ file, objects, bytes }: PullReport, name: string, out: string): string {
  if (file === null) return `nothing new in ${name}`
  return [
    `${out}/${file}: ${objects === 1 ? '1 object' : `${objects} objects`}, ${bytes} bytes, from ${name}`,
    `next: nightjar import ${out} --events buy=1,click=0.2,view=0 --append --if-new --out DATASET`,
  ].join('\n')
}
