import type { Command } from 'commander'
import { readHidden } from '../../publish/hidden.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { action, command } from '../command.ts'
import { shownId } from '../shown-id.ts'

export function hiddenCommand(): Command {
  return command('hidden', 'list the hidden items', 'nightjar hidden')
    .option('--at <place>', places, 'local')
    .action(
      action(async ({ result, progress, signal }, flags: { at: string }) => {
        const target = openTarget(flags.at, { signal, note: progress.note.bind(progress) })
        try {
          const { items, changedAt } = await readHidden(target)
          result({ items, changedAt }, () =>
            items.length === 0 ? `nothing is hidden in ${target.name}` : items.map(shownId).join('\n'),
          )
        } finally {
          await target.close()
        }
      }),
    )
}
