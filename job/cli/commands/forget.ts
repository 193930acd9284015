import type { Command } from 'commander'
import { openDataset } from '../../data/dataset.ts'
import { type ForgetReport, forgetUsers } from '../../data/forget-users.ts'
import { UsageError } from '../../errors.ts'
import { type ForgottenInVersion, forgetPublished } from '../../publish/forget-published.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { openStore } from '../../store/open-store.ts'
import { collecting } from '../collecting.ts'
import { action, command } from '../command.ts'
import { shownId } from '../shown-id.ts'

interface ForgetFlags {
  user: string[]
  ifKnown?: boolean
  now?: boolean
  at?: string
}

export function forgetCommand(): Command {
  return command(
    'forget',
    'leave users out of everything that is made from a dataset from now on; `compact` deletes their rows',
    'nightjar forget work/ml-1m --user 4711\nnightjar forget work/ml-1m --user 4711 --user=-x --now --at local',
  )
    .argument('<dataset>', 'dataset folder, as `nightjar import` wrote it')
    .requiredOption(
      '--user <id>',
      'who; may be given more than once',
      collecting((id, ids: string[] = []) => [...ids, id]),
    )
    .option('--if-known', 'an id that the dataset does not have is no error')
    .option('--now', 'take their lists and histories out of every published version as well')
    .option('--at <place>', `with --now, where: ${places} (default: local)`)
    .action(
      action(async ({ result, progress, signal }, datasetPlace: string, flags: ForgetFlags) => {
        if (flags.at !== undefined && flags.now !== true) {
          throw new UsageError('--at without --now', 'add --now to take them out of what is published there')
        }
        const dataset = await openDataset(openStore(datasetPlace))
        const target = flags.now
          ? openTarget(flags.at ?? 'local', { signal, note: progress.note.bind(progress) })
          : undefined
        try {
          const report = await forgetUsers(dataset, flags.user, flags.ifKnown ?? false)
          // The dataset first: a version that is published meanwhile is made without them.
          const published = target && (await forgetPublished(target, flags.user))
          result({ dataset: dataset.store.uri, ...report, published: published ?? null }, () =>
            describe(report, datasetPlace, published, target?.name ?? ''),
          )
        } finally {
          await target?.close()
        }
      }),
    )
}

function describe(
  { forgotten, alreadyForgotten, unknown, tombstones }: ForgetReport,
  dataset: string,
  published: ForgottenInVersion[] | undefined,
  name: string,
): string {
  return [
    ...forgotten.map((id) => `forgotten: ${shownId(id)}`),
    ...alreadyForgotten.map((id) => `was forgotten already: ${shownId(id)}`),
    ...unknown.map((id) => `not in the dataset: ${shownId(id)}`),
    ...(published === undefined ? [] : publishedLines(published, name)),
    ...(tombstones === 0
      ? []
      : [
          `${tombstones} forgotten in ${dataset} so far; their rows are left out, and deleted by: nightjar compact ${dataset}`,
        ]),
    ...(published === undefined
      ? ['what is published keeps them until it is replaced; --now takes them out of it']
      : []),
  ].join('\n')
}

function publishedLines(published: ForgottenInVersion[], name: string): string[] {
  if (published.length === 0) return [`nothing is published in ${name}`]
  return [
    ...published.map(({ versionId, removed }) =>
      removed.length === 0
        ? `${versionId}: none of them was in it`
        : `${versionId}: ${removed.map(shownId).join(', ')} taken out`,
    ),
    ...published
      .filter(({ isDamaged }) => isDamaged)
      .map(
        ({ versionId }) => `note: ${versionId} is not whole in ${name}; what is left of it was looked into`,
      ),
    'caches at the edge may answer for them still: a location for up to an hour, a running worker until it ends; the next version ends both',
  ]
}
