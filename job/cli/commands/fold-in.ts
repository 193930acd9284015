import type { Command } from 'commander'
import { openRun, type Run } from '../../data/run.ts'
import { openStore } from '../../store/open-store.ts'
import { trainFoldIn } from '../../train/fold-in.ts'
import { action, command } from '../command.ts'
import { formatDuration } from '../phase.ts'

interface FoldInFlags {
  dataset?: string
}

export function foldInCommand(): Command {
  return command(
    'fold-in',
    'train what makes lists from a history alone, for people the run does not know; `train` does it by itself',
    'nightjar fold-in work/run',
  )
    .argument('<run>', 'run folder, as `nightjar train` wrote it')
    .option('--dataset <folder>', 'the dataset, if it was moved since training')
    .action(
      action(async ({ clock, progress, signal, result }, place: string, flags: FoldInFlags) => {
        const run = await openRun(openStore(place))
        const dataset = await run.openDataset(flags.dataset)
        const trained = await trainFoldIn(run, { dataset, clock, progress, signal })
        result({ run: run.store.uri, ...trained.manifest.foldIn }, () =>
          [describeFoldIn(trained), '', `next: nightjar publish ${place} --to local`].join('\n'),
        )
      }),
    )
}

/** One line about a run's fold-in component. */
export function describeFoldIn({ manifest }: Run): string {
  const { foldIn } = manifest
  if (foldIn === undefined) return 'fold-in    none: strangers get the popular list'
  const { epochs, validation, elapsedMs } = foldIn
  const quality = validation === null ? '' : `, held-out NDCG@10 ${validation['ndcg@10'].toFixed(4)}`
  return `fold-in    ${epochs} epochs${quality} (${formatDuration(elapsedMs)})`
}
