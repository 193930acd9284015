import type { Command } from 'commander'
import { openTarget, places } from '../../publish/open-target.ts'
import { listVersions, type PublishedVersion } from '../../publish/versions.ts'
import { action, command } from '../command.ts'

export function versionsCommand(): Command {
  return command('versions', 'list the published versions, and which one is served', 'nightjar versions')
    .option('--at <place>', places, 'local')
    .action(
      action(async ({ result, progress, signal }, flags: { at: string }) => {
        const target = openTarget(flags.at, { signal, note: progress.note.bind(progress) })
        try {
          const found = await listVersions(target)
          result(
            found === undefined ? { pointer: null, versions: [] } : found,
            () => found?.versions.map(describe).join('\n') ?? `nothing is published in ${target.name}`,
          )
        } finally {
          await target.close()
        }
      }),
    )
}

/** `20260423T031500Z-1f2e3d  current  6040 users, 3706 items, lists of 100, data up to 2026-04-22`. */
function describe({ versionId, current, previous, pinned, meta }: PublishedVersion): string {
  const roles = [current ? 'current' : '', pinned ? 'pinned' : '', previous ? 'previous' : '']
  const role = roles.filter((text) => text !== '').join(', ')
  const about =
    meta === null
      ? 'its description is missing'
      : `${meta.users} users, ${meta.items} items, lists of ${meta.k}, data up to ${meta.dataCutoff.slice(0, 10)}`
  return `${versionId}  ${role.padEnd(15)}  ${about}`
}
