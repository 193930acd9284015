import type { Command } from 'commander'
import { readHidden } from '../../publish/hidden.ts'
import { openTarget } from '../../publish/open-target.ts'
import { action, command } from '../command.ts'
import { shownId } from '../shown-id.ts'

export function hiddenCommand(): Command {
  return command('hidden', 'list the hidden items', 'nightjar hidden')
    .option('--at <place>', 'local, or local:STATE_FOLDER', 'local')
    .action(
      action(async ({ result }, flags: { at: string }) => {
        const target = openTarget(flags.at)
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
