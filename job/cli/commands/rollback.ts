import type { Command } from 'commander'
import { commandAt, type KvTarget } from '../../publish/kv-target.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { type PointerChange, rollback, unpin } from '../../publish/versions.ts'
import { action, command } from '../command.ts'

interface RollbackFlags {
  to?: string
  unpin?: boolean
  at: string
}

export function rollbackCommand(): Command {
  return command(
    'rollback',
    'serve an earlier version again, and keep it served (pinned) until --unpin',
    'nightjar rollback\nnightjar rollback --to 20260423T031500Z-1f2e3d\nnightjar rollback --unpin',
  )
    .option('--to <version>', 'the version to serve (default: the one before)')
    .option('--unpin', 'take the pin away: the next publication is served again')
    .option('--at <place>', places, 'local')
    .action(
      action(async ({ clock, result, progress, signal }, flags: RollbackFlags) => {
        const target = openTarget(flags.at, { signal, note: progress.note.bind(progress) })
        try {
          const change =
            flags.unpin === true && flags.to === undefined
              ? await unpin(target)
              : await rollback(target, clock, {
                  ...(flags.to === undefined ? {} : { to: flags.to }),
                  pin: flags.unpin !== true,
                })
          result(change, () => describe(change, target))
        } finally {
          await target.close()
        }
      }),
    )
}

function describe({ from, pointer }: PointerChange, target: KvTarget): string {
  const { current, pinned } = pointer
  const served =
    current === from ? `${current} is served, as before` : `${current} is served now; before it, ${from}`
  return pinned === null
    ? `${served}\nnothing is pinned: the next publication takes over`
    : `${served}\nit is pinned: publications do not replace it until \`${commandAt(target, 'nightjar rollback --unpin')}\``
}
