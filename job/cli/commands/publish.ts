import type { Command } from 'commander'
import { byteText } from '../../byte-text.ts'
import { openRun } from '../../data/run.ts'
import { commandAt, type KvTarget } from '../../publish/kv-target.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { type PublishResult, publishRun } from '../../publish/publish-run.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command, wholeNumber } from '../command.ts'

interface PublishFlags {
  to: string
  keep: number
  dataset?: string
  /** False where `--no-history` was given. */
  history: boolean
}

export function publishCommand(): Command {
  return command('publish', "put a run's lists where the worker reads them, and serve them", example)
    .argument('<run>', 'run folder, exported before')
    .requiredOption('--to <place>', places)
    .option(
      '--keep <n>',
      'versions to keep for a rollback; older ones are deleted',
      wholeNumber('keep', 1, 1000),
      3,
    )
    .option('--no-history', "leave users' histories out: then they can be shown to nobody")
    .option('--dataset <folder>', "the run's dataset, if it was moved since")
    .action(
      action(async ({ clock, progress, signal, result }, place: string, flags: PublishFlags) => {
        const target = openTarget(flags.to, { signal, note: progress.note.bind(progress) })
        try {
          const run = await openRun(openStore(place))
          const dataset = await run.openDataset(flags.dataset)
          const published = await publishRun(run, dataset, target, {
            keep: flags.keep,
            withHistories: flags.history,
            clock,
            progress,
            signal,
          })
          result(published, () => describe(published, target))
        } finally {
          await target.close()
        }
      }),
    )
}

const example = 'nightjar publish work/run --to local'

function describe(published: PublishResult, target: KvTarget): string {
  const { versionId, served, pinned, previous, alreadyPublished, keys, bytes, deleted } = published
  const isLocal = target.place === undefined || target.place.startsWith('local:')
  const lines = [
    `${versionId}: ${keys} keys, ${byteText(bytes)}, in ${target.name}`,
    ...(alreadyPublished ? ['it was there already, with the same lists; every key was written again'] : []),
    served
      ? `it is served now${previous === null || previous === versionId ? '' : `; before it, ${previous}`}`
      : `it is not served: ${pinned} is pinned. To let the next publication take over: ${commandAt(target, 'nightjar rollback --unpin')}`,
    ...(deleted.length === 0 ? [] : [`deleted: ${deleted.join(', ')}`]),
    ...(served && isLocal ? ['', `next: ${commandAt(target, 'nightjar serve')}`] : []),
  ]
  return lines.join('\n')
}
