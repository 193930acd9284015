import { writeJsonFile } from '../../data/json-file.ts'
import { NightjarError } from '../../errors.ts'
import type { Progress } from '../../progress.ts'
import { chartFile } from '../../report/draw-chart.ts'
import type { Store } from '../../store/store.ts'
import type { Options } from './candidates.ts'
import { keepPlan, type Plan } from './plan.ts'
import { readTrial, runTrial, type Trial, type TrialInput } from './trial.ts'
import { tuneChart } from './tune-chart.ts'

/** Some trials of one rung. */
export interface Work {
  trials: readonly number[]
  /** Up to this epoch. */
  until: number
  isLast: boolean
}

export interface TuneOptions extends TrialInput {
  progress: Progress
  /**
   * Does work elsewhere, and tells each trial that is done; where it is absent, trials run here, one after the other.
   */
  runElsewhere?: ((work: Work, onTrial: (trial: number) => void) => Promise<void>) | undefined
}

export interface TuneResult {
  plan: Plan
  /** The best first; those that failed, or fell out below the last rung, behind. */
  ranking: (Trial & { options: Options })[]
  /** What `train --tuned` takes. */
  best: { model: string; options: Options; epochs: number }
}

/**
 * Searches for a model's best options by NDCG@10 on held-out rows. What was tried is kept trial by trial, so that a search
 * goes on where it was stopped.
 *
 * @throws NightjarError TUNE_OTHER where another search lies there; TUNE_FAILED where no trial came to an end
 */
export async function tune(options: TuneOptions): Promise<TuneResult> {
  const { plan, store, progress } = options
  await keepPlan(store, plan)
  let trials = plan.trials.map((_, n) => n)
  for (const [n, rung] of plan.rungs.entries()) {
    const isLast = n === plan.rungs.length - 1
    progress.start(isLast && n === 0 ? 'tune' : `rung ${n + 1} of ${plan.rungs.length}`, trials.length, {
      unit: 'trials',
    })
    await doWork({ trials, until: rung.epochs, isLast }, options)
    progress.end()
    if (!isLast) trials = bestOf(await keptOf(store, plan, trials), plan.rungs[n + 1].trials)
  }
  return writeResult(store, plan)
}

/** Does the trials of one shard; the result is made by {@link mergeShards} when all shards are done. */
export async function tuneShard(
  options: TuneOptions,
  shard: { index: number; of: number },
): Promise<Trial[]> {
  const { plan, store, progress } = options
  await keepPlan(store, plan)
  const trials = plan.trials.map((_, n) => n).filter((n) => n % shard.of === shard.index)
  progress.start('tune', trials.length, { unit: 'trials' })
  await doWork({ trials, until: plan.rungs[0].epochs, isLast: true }, options)
  progress.end()
  return keptOf(store, plan, trials)
}

/** @throws NightjarError TUNE_MISSING where a shard's trials are not there */
export async function mergeShards(store: Store, plan: Plan): Promise<TuneResult> {
  await keepPlan(store, plan)
  return writeResult(store, plan)
}

/** Does some trials here. */
export async function doWork(work: Work, options: TuneOptions): Promise<void> {
  const { plan, store, progress, runElsewhere } = options
  let done = 0
  let best = 0
  const onTrial = async (number: number) => {
    const trial = await readTrial(store, plan, number)
    best = Math.max(best, trial?.best?.ndcg10 ?? 0)
    progress.update(++done, `best held-out ndcg@10 ${best.toFixed(4)}`)
  }
  if (runElsewhere !== undefined) {
    const told: Promise<void>[] = []
    await runElsewhere(work, (trial) => told.push(onTrial(trial)))
    await Promise.all(told)
    return
  }
  for (const number of work.trials) {
    await runTrial(options, number, work.until, work.isLast)
    await onTrial(number)
  }
}

async function keptOf(store: Store, plan: Plan, numbers: readonly number[]): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const number of numbers) {
    const trial = await readTrial(store, plan, number)
    if (trial === undefined) {
      throw new NightjarError('TUNE_MISSING', {
        what: `${store.uri}: trial ${number} of ${plan.trials.length} was not run`,
        why: 'a shard has not ended, or was not started',
        fix: 'run the shard that holds it; what is there is not done again',
      })
    }
    trials.push(trial)
  }
  return trials
}

function bestOf(trials: readonly Trial[], count: number): number[] {
  return [...trials]
    .sort(byWorth)
    .slice(0, count)
    .map(({ trial }) => trial)
}

/** The higher NDCG@10 first, of equal ones the earlier trial. Whatever failed is last. */
function byWorth(a: Trial, b: Trial): number {
  const worth = ({ best, failed }: Trial) => (failed === null ? (best?.ndcg10 ?? -1) : -2)
  return worth(b) - worth(a) || a.trial - b.trial
}

async function writeResult(store: Store, plan: Plan): Promise<TuneResult> {
  const trials = await keptOf(
    store,
    plan,
    plan.trials.map((_, n) => n),
  )
  const furthest = (trial: Trial) => (trial.ended ? 1 : 0)
  const ranking = trials
    .sort((a, b) => furthest(b) - furthest(a) || byWorth(a, b))
    .map((trial) => ({ ...trial, options: plan.trials[trial.trial] }))
  const [first] = ranking
  if (first?.failed !== null || first.best === null) {
    throw new NightjarError('TUNE_FAILED', {
      what: `none of ${plan.trials.length} trials came to an end; the first: ${first?.failed}`,
      fix: 'search among other options: --try name=value,value',
    })
  }
  const best = { model: plan.model, options: first.options, epochs: first.best.epoch }
  const result = { plan, ranking, best }
  await store.put('tune.svg', new TextEncoder().encode(await chartFile(tuneChart(result))))
  await writeJsonFile(store, 'trials.json', ranking)
  await writeJsonFile(store, 'best.json', best)
  return result
}
