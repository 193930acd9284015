import type { Command } from 'commander'
import { type Dataset, openDataset } from '../../data/dataset.ts'
import { readKnownPairs } from '../../data/known-pairs.ts'
import { openRun, type Run } from '../../data/run.ts'
import { partsOf } from '../../models/blend.ts'
import { openStore } from '../../store/open-store.ts'
import { foldInFits, trainFoldIn } from '../../train/fold-in.ts'
import { trainRun } from '../../train/train-run.ts'
import type { EarlierRun } from '../../train/warm-start.ts'
import { action, command } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'
import { formatDuration } from '../phase.ts'
import { kindNamed, type TrainingFlags, trainOptionsOf, withTrainOptions } from '../train-flags.ts'
import { describeFoldIn } from './fold-in.ts'

type TrainFlags = EngineFlags &
  TrainingFlags & {
    out: string
    validation?: string
    warmStart?: string
    resume?: boolean
    overwrite?: boolean
    foldIn: boolean
  }

export function trainCommand(): Command {
  return withTrainOptions(
    withEngineOptions(
      command(
        'train',
        'train a model on a dataset: choose on held-out rows what is best, then refit on all of them',
        'nightjar train work/ml-1m --out work/run\nnightjar train work/ml-1m --out work/jca --model jca',
      )
        .argument('<dataset>', 'dataset folder, as `nightjar import` wrote it')
        .requiredOption('-o, --out <folder>', 'where the run is written'),
    ),
  )
    .option('--validation <file>', 'user and item pairs to choose the epoch on, instead of drawn ones')
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
        const options = await trainOptionsOf(flags)
        const dataset = await openDataset(openStore(datasetPlace))
        const engine = await openEngine(flags, context, kindNamed(options.model))
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
  const isSame = dataset.wasEver(run.extent, run.manifest.dataset.digest)
  return { run, dataset: isSame ? dataset : await run.openDataset() }
}

/** What a blend is made of, heaviest first. */
function blendLines({ manifest }: Run): string[] {
  const parts = partsOf(manifest) ?? []
  return parts
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ model, weight, epochs }, n) => {
      const told = `${weight.toFixed(2)} ${model}, ${epochs} epoch${epochs === 1 ? '' : 's'}`
      return `${(n === 0 ? 'parts' : '').padEnd(11)}${told}`
    })
}

function describe(run: Run, out: string, elapsedMs: number): string {
  const { manifest } = run
  const { epochs, validation, dataset } = manifest
  const held = validation === null ? '' : `, held-out NDCG@10 ${validation['ndcg@10'].toFixed(4)}`
  return [
    `run        ${manifest.versionId}`,
    `data       ${dataset.users} users, ${dataset.items} items, ${dataset.interactions} pairs`,
    `epochs     ${epochs.best}${epochs.refit ? ' (fitted on all rows)' : ' (held-out rows left out)'}${held}`,
    ...blendLines(run),
    describeFoldIn(run),
    `time       ${formatDuration(elapsedMs)}`,
    `written to ${out}`,
    '',
    `next: nightjar evaluate ${out} --test TEST.csv`,
    `      nightjar export ${out} --k 100`,
  ].join('\n')
}
