import type { Command } from 'commander'
import { type CompactReport, compactDataset } from '../../data/compact-dataset.ts'
import { openDataset } from '../../data/dataset.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command } from '../command.ts'

export function compactCommand(): Command {
  return command(
    'compact',
    'delete the rows and ids of forgotten users from a dataset; not while an import runs',
    'nightjar compact work/ml-1m',
  )
    .argument('<dataset>', 'dataset folder, as `nightjar import` wrote it')
    .action(
      action(async ({ clock, progress, signal, result }, datasetPlace: string) => {
        const dataset = await openDataset(openStore(datasetPlace))
        const report = await compactDataset(dataset, { clock, progress, signal })
        result({ dataset: dataset.store.uri, ...report }, () => describe(report, datasetPlace))
      }),
    )
}

function describe({ users, rows, parts, deleted }: CompactReport, dataset: string): string {
  const files = `files deleted: ${deleted.length}`
  if (users === 0 && rows === 0) return `${dataset} holds nothing of forgotten users (${files})`
  return `gone from ${dataset}: ${users} users and their ${rows} rows (parts written anew: ${parts}, ${files})`
}
