import type { Command } from 'commander'
import { openRun } from '../../data/run.ts'
import { type ExportReport, exportRun, partUsersMax } from '../../export/export-run.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command, wholeNumber } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'
import { formatDuration } from '../progress-output.ts'

interface ExportFlags extends EngineFlags {
  k: number
  includeSeen?: boolean
  partUsers: number
  dataset?: string
}

export function exportCommand(): Command {
  return withEngineOptions(
    command(
      'export',
      "write every user's top K as Arrow score files, RUN/scores/part-*.arrow",
      'nightjar export work/run --k 100',
    )
      .argument('<run>', 'run folder, as `nightjar train` wrote it')
      .option('--k <n>', 'items in a list', wholeNumber('k', 1, 1000), 100)
      .option('--include-seen', 'recommend known items again, for what is bought repeatedly')
      .option('--part-users <n>', 'users in a part', wholeNumber('part-users', 1, partUsersMax), partUsersMax)
      .option('--dataset <folder>', 'the dataset, if it was moved since training'),
  ).action(
    action(async (context, place: string, flags: ExportFlags) => {
      const { clock, progress, signal, result } = context
      const run = await openRun(openStore(place))
      const report = await exportRun({
        run,
        ...(flags.dataset === undefined ? {} : { datasetUri: flags.dataset }),
        engine: await openEngine(flags, context),
        k: flags.k,
        includeSeen: flags.includeSeen ?? false,
        partUsers: flags.partUsers,
        clock,
        progress,
        signal,
      })
      result(report, () => describe(report, place))
    }),
  )
}

function describe(report: ExportReport, place: string): string {
  const short =
    report.shortLists === 0 ? '' : `; ${report.shortLists} are shorter: no more items are left for them`
  const megabytes = (report.bytes / 1e6).toFixed(1)
  return [
    `${report.users} lists of ${report.k}${short}`,
    `${report.parts.length} file${report.parts.length === 1 ? '' : 's'}, ${megabytes} MB, in ${place}/scores (${formatDuration(report.elapsedMs)})`,
    '',
    `next: nightjar publish ${place} --to local`,
  ].join('\n')
}
