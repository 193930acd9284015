import type { Command } from 'commander'
import { byteText } from '../../byte-text.ts'
import { openRun, type Run } from '../../data/run.ts'
import { UsageError } from '../../errors.ts'
import { discardScores, type ExportReport, exportRun } from '../../export/export-run.ts'
import { exportShard, type ShardReport } from '../../export/export-shard.ts'
import {
  exportFormat,
  type FormatReport,
  type OtherFormat,
  otherFormats,
} from '../../export/formats/export-format.ts'
import { type MergeReport, mergeShards } from '../../export/merge-shards.ts'
import { partUsersMax, type Shard } from '../../export/part-places.ts'
import { openStore } from '../../store/open-store.ts'
import { joinPlace } from '../../store/place.ts'
import { optionsOf } from '../../train/trained-model.ts'
import { action, type CommandContext, command, oneOf, wholeNumber } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'
import { formatDuration } from '../phase.ts'
import { parseShard, shardsMax } from '../shard-option.ts'

interface ExportFlags extends EngineFlags {
  k: number
  includeSeen?: boolean
  partUsers: number
  dataset?: string
  shard?: Shard
  merge?: number
  discard?: boolean
  format: 'arrow' | OtherFormat
  out?: string
}

export function exportCommand(): Command {
  return withEngineOptions(
    command(
      'export',
      "write every user's top K as Arrow score files, RUN/scores/part-*.arrow",
      'nightjar export work/run --k 100\nnightjar export work/run --format parquet',
    )
      .argument('<run>', 'run folder, as `nightjar train` wrote it')
      .option('--k <n>', 'items in a list', wholeNumber('k', 1, 1000), 100)
      .option('--include-seen', 'recommend known items again, for what is bought repeatedly')
      .option('--part-users <n>', 'users in a part', wholeNumber('part-users', 1, partUsersMax), partUsersMax)
      .option('--dataset <folder>', 'the dataset, if it was moved since training')
      .option(
        '--shard <i/n>',
        'only the i-th (from 0) of n shares of the users; auto: as an array job says',
        (text) => parseShard(text),
      )
      .option(
        '--merge <n>',
        'put n shards together: check them, name them in the manifest',
        wholeNumber('merge', 1, shardsMax),
      )
      .option(
        '--format <name>',
        'arrow, which is served; or parquet, csv or jsonl, for other tools, in a folder beside it',
        oneOf('format', ['arrow', ...otherFormats]),
        'arrow',
      )
      .option('--out <folder>', 'where another format goes, instead of RUN/scores-FORMAT')
      .option('--discard', 'delete what was exported, and shards that were not merged'),
  ).action(
    action(async (context, place: string, flags: ExportFlags, self: Command) => {
      const { clock, progress, signal, result } = context
      checkOneOf(flags)
      const run = await openRun(openStore(place))
      if (flags.discard) {
        await discardScores(run)
        return result({ discarded: run.manifest.versionId }, () => `nothing is exported in ${place} any more`)
      }
      if (flags.format !== 'arrow' && run.manifest.scores !== null) {
        return writeFormat(context, run, place, flags, self)
      }
      const lists = {
        run,
        ...(flags.dataset === undefined ? {} : { datasetUri: flags.dataset }),
        k: flags.k,
        includeSeen: flags.includeSeen ?? false,
        partUsers: flags.partUsers,
        ...{ clock, progress, signal },
      }
      if (flags.merge !== undefined) {
        const report = await mergeShards({ ...lists, of: flags.merge })
        return result(report, () => describe(report, place))
      }
      const options = { ...lists, engine: await openEngine(flags, context, optionsOf(run).kind) }
      if (flags.shard !== undefined) {
        const report = await exportShard(options, flags.shard)
        return result(report, () => describeShard(report, place))
      }
      const report = await exportRun(options)
      if (flags.format !== 'arrow')
        return writeFormat(context, await openRun(openStore(place)), place, flags, self)
      result(report, () => describe(report, place))
    }),
  )
}

function checkOneOf({ shard, merge, discard, format, out }: ExportFlags): void {
  const other = format !== 'arrow' && `--format ${format}`
  const given = [shard && '--shard', merge && '--merge', discard && '--discard', other].filter(Boolean)
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} do not go together`)
  if (out !== undefined && format === 'arrow') {
    throw new UsageError(
      '--out is for another --format: the Arrow files stand in the run, which vouches for them',
    )
  }
}

/** The lists that stand in the run in another format, cut to `--k` where that was given. */
async function writeFormat(
  { progress, signal, result }: CommandContext,
  run: Run,
  place: string,
  flags: ExportFlags,
  self: Command,
): Promise<void> {
  const { format, out = joinPlace(place, `scores-${format}`) } = flags
  if (format === 'arrow') throw new RangeError('Arrow is what others are made from')
  const isGiven = (name: string) => ['cli', 'config'].includes(self.getOptionValueSource(name) ?? '')
  const standing = run.manifest.scores
  if (isGiven('includeSeen') && standing?.includeSeen === false) {
    throw new UsageError(
      `${place} was exported without known items, and --format ${format} writes what was exported`,
      `nightjar export ${place} --include-seen   (then this again)`,
    )
  }
  const k = isGiven('k') ? { k: flags.k } : {}
  const report = await exportFormat({ run, format, out: openStore(out), ...k, progress, signal })
  result(report, () => describeFormat(report, out))
}

function describeFormat({ format, lists, files, bytes }: FormatReport, out: string): string {
  const count = `${files.length} file${files.length === 1 ? '' : 's'}`
  return `${lists} lists as ${format}: ${count}, ${byteText(bytes)}, in ${out}\nwhat is served are the Arrow files still`
}

function describe(report: ExportReport | MergeReport, place: string): string {
  return [
    listsOf(report),
    filesIn(report, place),
    ...('isNew' in report && !report.isNew ? ['was merged before; nothing was to be done'] : []),
    '',
    `next: nightjar publish ${place} --to local`,
  ].join('\n')
}

function describeShard(report: ShardReport, place: string): string {
  const next = `next, when all ${report.of} are written: nightjar export ${place} --merge ${report.of}, with the same options`
  const before = report.isNew ? '' : ', written before'
  return [
    `shard ${report.shard} of ${report.of}${before}: ${listsOf(report)}`,
    filesIn(report, place),
    '',
    next,
  ].join('\n')
}

function listsOf({ users, k, shortLists }: ExportReport | ShardReport | MergeReport): string {
  const short = shortLists ? `; ${shortLists} are shorter: no more items are left for them` : ''
  return `${users} lists of ${k}${short}`
}

function filesIn(
  { parts, bytes, elapsedMs }: ExportReport | ShardReport | MergeReport,
  place: string,
): string {
  const files = `${parts.length} file${parts.length === 1 ? '' : 's'}`
  return `${files}, ${byteText(bytes)}, in ${place}/scores (${formatDuration(elapsedMs)})`
}
