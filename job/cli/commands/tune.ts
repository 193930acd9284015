import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { without } from '../../data/csr-matrix.ts'
import { openDataset } from '../../data/dataset.ts'
import { readKnownPairs } from '../../data/known-pairs.ts'
import { readRatings } from '../../data/rating-matrix.ts'
import { wasmEngineOn } from '../../engine/wasm/wasm-engine.ts'
import { UsageError } from '../../errors.ts'
import { spaceOf } from '../../experiments/tune/candidates.ts'
import { doneLine, inProcesses, parseWork } from '../../experiments/tune/child-processes.ts'
import { discardSearch, makePlan, type Search, searches } from '../../experiments/tune/plan.ts'
import {
  doWork,
  mergeShards,
  type TuneOptions,
  tune,
  tuneShard,
  type Work,
} from '../../experiments/tune/tune.ts'
import { describeBudget, describeTune } from '../../experiments/tune/tune-text.ts'
import type { Shard } from '../../export/part-places.ts'
import { modelNames } from '../../models/model-kinds.ts'
import { openStore } from '../../store/open-store.ts'
import { drawHoldout } from '../../train/holdout.ts'
import { presetOptions } from '../../train/train-options.ts'
import { collecting } from '../collecting.ts'
import { action, type CommandContext, command, number, oneOf, wholeNumber } from '../command.ts'
import { parseShard, shardsMax } from '../shard-option.ts'
import { kindNamed, parseOption } from '../train-flags.ts'

interface TuneFlags {
  model: string
  out: string
  search: Search
  trials: number
  try: string[]
  option: Record<string, unknown>
  epochs?: number
  evalEvery?: number
  patience?: number
  holdout: number
  validation?: string
  seed: number
  parallel?: number
  threads?: number
  shard?: Shard
  merge?: number
  overwrite?: boolean
  work?: Work
}

export function tuneCommand(): Command {
  const count = (name: string) => wholeNumber(name, 1, 1_000_000)
  return command(
    'tune',
    "search for a model's best options, by NDCG@10 on held-out rows",
    'nightjar tune work/ml-1m --model ials --out work/tune-ials\nnightjar tune work/ml-1m --model ease --out work/tune-ease --search grid \\\n  --try l2=100,300,1000',
  )
    .argument('<dataset>', 'dataset folder, as `nightjar import` wrote it')
    .requiredOption('--model <name>', 'which model, see `nightjar models`', oneOf('model', modelNames))
    .requiredOption('-o, --out <folder>', 'where the search is kept')
    .option(
      '--search <how>',
      'random, grid, or halving: many for few epochs, the best third for three times as many',
      oneOf('search', searches),
      'random',
    )
    .option('--trials <n>', 'how many random and halving try', count('trials'), 20)
    .option(
      '--try <name=values>',
      'an option and what to try of it, as l2=1,10,100 or l2=1..100; may be given again (default: the space that the model declares)',
      collecting((text, before: string[] = []) => [...before, text]),
      [],
    )
    .option('--option <name=value>', 'an option that is fixed; may be given again', parseOption, {})
    .option('--epochs <n>', "the last epoch of a trial (default: the model's)", count('epochs'))
    .option('--eval-every <epochs>', "epochs between two looks (default: the model's)", count('eval-every'))
    .option(
      '--patience <epochs>',
      "epochs without a better NDCG@10 that end a trial; 0: never (default: the model's)",
      wholeNumber('patience', 0, 1_000_000),
    )
    .option('--holdout <share>', "share of each user's rows to choose by", number('holdout', 0.01, 0.9), 0.1)
    .option('--validation <file>', 'user and item pairs to choose by, instead of drawn ones')
    .option('--seed <n>', 'seed of everything random', wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--parallel <n>',
      'processes that try at once; each holds the rows and a model (default: the cores)',
      wholeNumber('parallel', 1, 256),
    )
    .option(
      '--threads <n>',
      'threads of each process (default: cores / parallel)',
      wholeNumber('threads', 1, 64),
    )
    .option(
      '--shard <i/n>',
      'only the i-th (from 0) of n shares of the trials; auto: as an array job says',
      (text) => parseShard(text),
    )
    .option('--merge <n>', 'put the result of n shards together', wholeNumber('merge', 1, shardsMax))
    .option('--overwrite', 'throw away what another search left at --out')
    .addOption(
      new Option('--work <trials>', 'what a process of a search does').argParser(parseWork).hideHelp(),
    )
    .action(
      action(async (context, place: string, flags: TuneFlags) => {
        checkTogether(flags)
        const options = await prepare(context, place, flags)
        const { store, plan } = options
        if (flags.work !== undefined) {
          await doWork(flags.work, { ...options, progress: tellDone(options.progress, flags.work) })
          return
        }
        if (flags.overwrite) await discardSearch(store)
        context.progress.note(describeBudget(plan, options.heldOut))
        if (flags.shard !== undefined) {
          const trials = await tuneShard(options, flags.shard)
          return context.result({ trials }, () => `${trials.length} trials are kept in ${flags.out}`)
        }
        const found = flags.merge === undefined ? await tune(options) : await mergeShards(store, plan)
        context.result(found, () => describeTune(found, place, flags.out))
      }),
    )
}

function checkTogether({ search, shard, merge, work, overwrite }: TuneFlags): void {
  if (shard !== undefined && merge !== undefined)
    throw new UsageError('--shard and --merge: want one of them')
  if (search === 'halving' && (shard !== undefined || merge !== undefined))
    throw new UsageError('--search halving cannot be shared out: each rung waits for the one before it')
  // Of the processes of a search nobody throws anything away, whatever a configuration file says.
  if (overwrite && work === undefined && (shard !== undefined || merge !== undefined))
    throw new UsageError('--overwrite would throw away what the other shards did')
}

async function prepare(context: CommandContext, place: string, flags: TuneFlags): Promise<TuneOptions> {
  const { clock, progress, signal } = context
  const kind = kindNamed(flags.model)
  const space = spaceOf(kind, flags.try, flags.option)
  const usual = presetOptions('best', kind)
  if (kind.oneEpoch && (flags.epochs ?? 1) !== 1) throw new UsageError(`${kind.name} is fitted in one epoch`)
  const dataset = await openDataset(openStore(place))
  const all = await readRatings(dataset)
  const heldOut =
    flags.validation === undefined
      ? drawHoldout(all, flags.holdout, flags.seed)
      : (await readKnownPairs(flags.validation, dataset, dataset.extent, signal)).pairs
  const ratings = without(all, heldOut)
  const plan = makePlan({
    ...{ kind, space, fixed: flags.option, ratings, heldOut },
    ...{ search: flags.search, trials: flags.trials, seed: flags.seed },
    epochs: flags.epochs ?? usual.epochs,
    evalEvery: flags.evalEvery ?? usual.evalEvery,
    patience: flags.patience ?? usual.patience,
  })
  const cores = availableParallelism()
  const parallel = Math.min(flags.parallel ?? cores, plan.trials.length)
  const threads = flags.threads ?? Math.max(1, Math.floor(cores / parallel))
  const isChild = flags.work !== undefined
  return {
    ...{ plan, kind, store: openStore(flags.out), ratings, heldOut, clock, progress, signal },
    engine: wasmEngineOn(threads),
    runElsewhere:
      isChild || parallel === 1 ? undefined : inProcesses(childCommand(threads), parallel, signal),
  }
}

/** This same command line, for the processes that it shares its trials out to. */
function childCommand(threads: number): string[] {
  const own = process.argv.slice(1).filter((word) => !['--overwrite', '--json'].includes(word))
  return [...own, '--parallel', '1', '--threads', String(threads)]
}

/** A process of a search says so on its output when a trial is done. */
function tellDone(progress: TuneOptions['progress'], { trials }: Work): TuneOptions['progress'] {
  return { ...progress, update: (done) => process.stdout.write(`${doneLine(trials[done - 1])}\n`) }
}
