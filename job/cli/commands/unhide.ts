import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { type UnhideResult, unhide } from '../../publish/hidden.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { action, command } from '../command.ts'
import { shownId } from '../shown-id.ts'

interface UnhideFlags {
  all?: boolean
  at: string
}

export function unhideCommand(): Command {
  return command(
    'unhide',
    'let hidden items be answered again',
    'nightjar unhide tea-1\nnightjar unhide --all',
  )
    .argument('[item...]', 'item ids')
    .option('--all', 'everything that is hidden')
    .option('--at <place>', places, 'local')
    .action(
      action(
        async ({ clock, result, progress, signal }, itemIds: string[], { all = false, at }: UnhideFlags) => {
          if (all === itemIds.length > 0) throw new UsageError('invalid items: want item ids, or --all')
          const target = openTarget(at, { signal, note: progress.note.bind(progress) })
          try {
            const done = await unhide(target, clock, all ? 'all' : itemIds)
            result(done, () => describe(done, target.name))
          } finally {
            await target.close()
          }
        },
      ),
    )
}

function describe({ unhidden, notHidden, items }: UnhideResult, name: string): string {
  return [
    ...unhidden.map((id) => `answered again: ${shownId(id)}`),
    ...notHidden.map((id) => `was not hidden: ${shownId(id)}`),
    `${items.length} hidden in ${name}`,
  ].join('\n')
}
