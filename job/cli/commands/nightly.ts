import type { Command } from 'commander'
import { exitCodes, NightjarError } from '../../errors.ts'
import { usualGate } from '../../gate/gate.ts'
import { describeNight } from '../../nightly/describe-night.ts'
import { nightOfDay, parsePlannedAt } from '../../nightly/night-id.ts'
import { runNight } from '../../nightly/nightly.ts'
import { openTarget, places } from '../../publish/open-target.ts'
import { thisProcess } from '../../store/lease-holder.ts'
import { action, command, EndWith, share, wholeNumber } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'
import { type SourceFlags, sourceOptionsOf, withSourceOptions } from '../source-options.ts'
import { kindNamed, type TrainingFlags, trainOptionsOf, withTrainOptions } from '../train-flags.ts'

interface NightlyFlags extends SourceFlags, TrainingFlags, EngineFlags {
  dataset: string
  runs: string
  to: string
  import?: string[]
  at?: Date
  k: number
  includeSeen?: boolean
  warmStart?: boolean
  foldIn: boolean
  gateMinUsers: number
  gateMargin: number
  force?: boolean
  liveRun?: string
  keep: number
  history: boolean
}

const example = `nightjar nightly --import incoming --dataset work/shop --runs work/nights \\
  --to local
nightjar nightly --import s3://my-data/incoming --dataset s3://my-data/shop \\
  --runs s3://my-runs/nights --to cloudflare:NAMESPACE_ID \\
  --at 2026-11-26T02:00:00Z --model jca --require-gpu`

export function nightlyCommand(): Command {
  const own = command(
    'nightly',
    'a night: import what is new, gate, train, export, publish; the same command goes on after a kill',
    example,
  )
    .requiredOption('--dataset <place>', 'the dataset that grows night by night; made by the first import')
    .requiredOption('--runs <place>', 'where nights are kept, each in a folder of its id')
    .requiredOption('--to <place>', places)
    .option('--import <place...>', 'files, or folders of files, to import what is new of')
    .option(
      '--at <time>',
      'the time that the night was planned for; it makes its id (default: today, 00:00 UTC)',
      parsePlannedAt,
    )
    .option('-k, --k <n>', 'items in a list', wholeNumber('k', 1, 1000), 100)
    .option('--include-seen', 'recommend known items again: for what is bought or heard repeatedly')
    .option('--warm-start', "begin with the live version's weights")
    .option('--no-fold-in', 'leave out what makes lists for people whom the run does not know')
    .option(
      '--gate-min-users <n>',
      'users with new rows under which both configurations are trained on a common reduced set',
      wholeNumber('gate-min-users', 1, 1e9),
      usualGate.minUsers,
    )
    .option(
      '--gate-margin <share>',
      "share of the live version's NDCG@10 by which a candidate may be worse",
      share('--gate-margin'),
      usualGate.margin,
    )
    .option('--force', 'publish whatever the gate says; it is recorded')
    .option('--live-run <place>', "the served version's run, if it was moved since it was published")
    .option('--keep <n>', 'versions to keep for a rollback', wholeNumber('keep', 1, 1000), 3)
    .option('--no-history', "leave users' histories out")
  return withSourceOptions(withTrainOptions(withEngineOptions(own))).action(
    action(async (context, flags: NightlyFlags) => {
      const { clock, progress, signal, result } = context
      const train = await trainOptionsOf(flags)
      const target = openTarget(flags.to, { signal, note: progress.note.bind(progress) })
      try {
        const night = await runNight({
          plannedAt: flags.at ?? nightOfDay(clock.now()),
          dataset: flags.dataset,
          runs: flags.runs,
          sources: flags.import ?? [],
          reading: { ...sourceOptionsOf(flags), minCount: undefined },
          train,
          warmStart: flags.warmStart ?? false,
          foldIn: flags.foldIn,
          k: flags.k,
          includeSeen: flags.includeSeen ?? false,
          gate: { minUsers: flags.gateMinUsers, margin: flags.gateMargin, force: flags.force ?? false },
          target,
          keep: flags.keep,
          withHistories: flags.history,
          ...(flags.liveRun === undefined ? {} : { liveRun: flags.liveRun }),
          openEngine: () => openEngine(flags, context, kindNamed(train.model)),
          holder: thisProcess(),
          clock,
          progress,
          signal,
        })
        result(night, () => describeNight(night))
        if (night.kind === 'ended' && night.state.outcome?.kind === 'refused') {
          throw new EndWith(exitCodes.gateRefused)
        }
      } catch (error) {
        if (error instanceof EndWith) throw error
        const code = error instanceof NightjarError ? error.code : 'BUG'
        progress.note(
          `the night failed: ${code}; once that is mended, the same command goes on where it stood`,
          {
            event: 'nightly.failed',
            code,
            reason: error instanceof Error ? error.message : String(error),
          },
        )
        throw error
      } finally {
        await target.close()
      }
    }),
  )
}
