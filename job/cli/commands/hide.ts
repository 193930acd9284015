import type { Command } from 'commander'
import { type HideResult, hide } from '../../publish/hidden.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { action, command } from '../command.ts'
import { shownId } from '../shown-id.ts'

export function hideCommand(): Command {
  return command(
    'hide',
    'take items out of every answer at once, without retraining, until `unhide`',
    "nightjar hide tea-1 pottery-2\nnightjar hide 'a/b, c' -- -starts-with-a-dash",
  )
    .argument('<item...>', 'item ids')
    .option('--at <place>', places, 'local')
    .action(
      action(async ({ clock, result, progress, signal }, itemIds: string[], flags: { at: string }) => {
        const target = openTarget(flags.at, { signal, note: progress.note.bind(progress) })
        try {
          const done = await hide(target, clock, itemIds)
          result(done, () => describe(done, target.name))
        } finally {
          await target.close()
        }
      }),
    )
}

function describe({ hidden, alreadyHidden, live, items }: HideResult, name: string): string {
  return [
    ...hidden.map((id) => `hidden: ${shownId(id)}`),
    ...alreadyHidden.map((id) => `was hidden already: ${shownId(id)}`),
    ...notesOf(live),
    `${items.length} hidden in ${name}${hidden.length === 0 ? '' : '; gone from every answer within about two minutes'}`,
  ].join('\n')
}

function notesOf({ versionId, unknown }: HideResult['live']): string[] {
  if (versionId === null) return ['note: nothing is published yet; kept for the first version']
  if (unknown === null)
    return [`note: whether ${versionId}, the live version, has them could not be looked up`]
  return unknown.map(
    (id) => `note: ${shownId(id)} is not in the live version: nothing to hide today, kept for the next`,
  )
}
