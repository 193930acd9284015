import type { Command } from 'commander'
import { type Dataset, openDataset } from '../../data/dataset.ts'
import { readKnownPairs } from '../../data/known-pairs.ts'
import { openRun, type Run } from '../../data/run.ts'
import { openStore } from '../../store/open-store.ts'
import { foldInFits, trainFoldIn } from '../../train/fold-in.ts'
import { parseWindow } from '../../train/parse-window.ts'
import { type PresetName, presets, type TrainOptions } from '../../train/train-options.ts'
import { trainRun } from '../../train/train-run.ts'
import type { EarlierRun } from '../../train/warm-start.ts'
import { action, command, number, oneOf, wholeNumber } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'
import { formatDuration } from '../progress-output.ts'
import { describeFoldIn } from './fold-in.ts'

interface TrainFlags extends EngineFlags, Partial<TrainOptions> {
  out: string
  preset: PresetName
  validation?: string
  window?: number
  warmStart?: string
  resume?: boolean
  overwrite?: boolean
  foldIn: boolean
}

export function trainCommand(): Command {
  const usual = presets.default
  const count = (name: string) => wholeNumber(name, 1, 1_000_000)
  return withEngineOptions(
    command(
      'train',
      'train JCA on a dataset: search for the best epoch on held-out rows, then refit on all of them',
      'nightjar train work/ml-1m --out work/run\nnightjar train work/ml-1m --out work/paper --preset paper',
    )
      .argument('<dataset>', 'dataset folder, as `nightjar import` wrote it')
      .requiredOption('-o, --out <folder>', 'where the run is written')
      .option(
        '--preset <name>',
        'default, or paper: the settings of its section 5.2, which change the defaults below',
        oneOf('preset', ['default', 'paper']),
        'default',
      ),
  )
    .option('--epochs <n>', `the last epoch that may be run (default: ${usual.epochs})`, count('epochs'))
    .option(
      '--seed <n>',
      `seed of everything random (default: ${usual.seed})`,
      wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--validation <file>', 'user and item pairs to choose the epoch on, instead of drawn ones')
    .option(
      '--holdout <share>',
      `share of each user's rows that is drawn to choose the epoch on (default: ${usual.holdout})`,
      number('holdout', 0, 0.9),
    )
    .option('--no-refit', 'keep the weights of the search; held-out rows are not trained on')
    .option(
      '--patience <epochs>',
      `epochs without a better NDCG@10 that end the search; 0: never, and the last one is kept (default: ${usual.patience})`,
      wholeNumber('patience', 0, 1_000_000),
    )
    .option(
      '--eval-every <epochs>',
      `epochs between two looks at the held-out rows (default: ${usual.evalEvery})`,
      count('eval-every'),
    )
    .option(
      '--learning-rate <x>',
      `step size of Adam (default: ${usual.learningRate})`,
      number('learning-rate', 1e-9, 10),
    )
    .option('--l2 <x>', 'strength of the L2 term (default: by the pairs of a block)', number('l2', 0, 1e6))
    .option(
      '--margin <x>',
      `required lead of observed over unobserved cells (default: ${usual.margin})`,
      number('margin', 1e-9, 1),
    )
    .option(
      '--hidden <n>',
      `hidden units of each component (default: ${usual.hidden})`,
      wholeNumber('hidden', 1, 4096),
    )
    .option('--batch-users <n>', `users of a mini-batch (default: ${usual.batchUsers})`, count('batch-users'))
    .option('--batch-items <n>', `items of a mini-batch (default: ${usual.batchItems})`, count('batch-items'))
    .option(
      '--checkpoint-every <epochs>',
      `epochs between two checkpoints (default: ${usual.checkpointEvery})`,
      count('checkpoint-every'),
    )
    .option(
      '--window <span>',
      'train on rows of the last 90d, 26w or 2y, counted back from the newest one',
      parseWindow,
    )
    .option('--min-weight <x>', 'train on rows of at least this weight', number('min-weight', -1e9, 1e9))
    .option(
      '--warm-start <run>',
      'begin with the weights of an earlier run; users and items are matched by id',
    )
    .option('--resume', 'go on from the last checkpoint of an unfinished training')
    .option('--overwrite', 'throw away what an earlier training left at --out')
    .option('--no-fold-in', 'leave out what makes lists for people whom the run does not know')
    .action(
      action(async (context, datasetPlace: string, flags: TrainFlags) => {
        const { clock, progress, signal, result } = context
        const store = openStore(flags.out)
        const dataset = await openDataset(openStore(datasetPlace))
        const engine = await openEngine(flags, context)
        const options = mergeOptions({
          ...flags,
          ...(flags.window === undefined ? {} : { windowDays: flags.window }),
        })
        const validation =
          flags.validation === undefined
            ? undefined
            : await readKnownPairs(flags.validation, dataset, dataset.extent, signal)
        if (validation !== undefined) progress.note(validation.describe('validation'))
        const began = clock.elapsedMs()
        let run = await trainRun({
          dataset,
          store,
          options,
          engine,
          ...(validation === undefined ? {} : { validation: validation.pairs }),
          ...(flags.warmStart === undefined ? {} : { warmStart: await earlierRun(flags.warmStart, dataset) }),
          resume: flags.resume ?? false,
          overwrite: flags.overwrite ?? false,
          clock,
          progress,
          signal,
        })
        if (flags.foldIn && foldInFits(run.extent.items)) {
          progress.note(`the model is trained; what follows can be done later: nightjar fold-in ${flags.out}`)
          run = await trainFoldIn(run, { dataset, clock, progress, signal })
        }
        const elapsedMs = clock.elapsedMs() - began
        result({ run: run.store.uri, elapsedMs, ...run.manifest }, () => describe(run, flags.out, elapsedMs))
      }),
    )
}

/** The run at `place`, with its dataset: `dataset`, where that is the same one grown since, for it may have moved. */
async function earlierRun(place: string, dataset: Dataset): Promise<EarlierRun> {
  const run = await openRun(openStore(place))
  const isSame = dataset.digestAt(run.extent) === run.manifest.dataset.digest
  return { run, dataset: isSame ? dataset : await run.openDataset() }
}

/** The preset, with the flags that were given in its place. */
function mergeOptions(flags: TrainFlags): TrainOptions {
  const options: TrainOptions = { ...presets[flags.preset] }
  for (const name of Object.keys(options) as (keyof TrainOptions)[]) {
    const given = flags[name]
    // Commander sets `refit` to true where --no-refit was not given.
    if (given !== undefined) Object.assign(options, { [name]: given })
  }
  return options
}

function describe(run: Run, out: string, elapsedMs: number): string {
  const { manifest } = run
  const { epochs, validation, dataset } = manifest
  const held = validation === null ? '' : `, held-out NDCG@10 ${validation['ndcg@10'].toFixed(4)}`
  return [
    `run        ${manifest.versionId}`,
    `data       ${dataset.users} users, ${dataset.items} items, ${dataset.interactions} pairs`,
    `epochs     ${epochs.best}${epochs.refit ? ' (fitted on all rows)' : ' (held-out rows left out)'}${held}`,
    describeFoldIn(run),
    `time       ${formatDuration(elapsedMs)}`,
    `written to ${out}`,
    '',
    `next: nightjar evaluate ${out} --test TEST.csv`,
    `      nightjar export ${out} --k 100`,
  ].join('\n')
}
