import { CancelledError, NightjarError, throwIfCancelled, UsageError } from '../../errors.ts'
import type { Model } from '../../models/model.ts'
import { nightjarVersion } from '../../nightjar-version.ts'
import type { Store } from '../../store/store.ts'
import { fitEpochs } from '../../train/fit-epochs.ts'
import { lossText } from '../../train/training.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import { type EpochSearch, resumeHint, searchEpochs, type Workshop } from './epoch-search.ts'
import { type Outcome, type OutcomeCause, outcomeOf } from './outcome.ts'
import type { OutcomeCache } from './outcome-cache.ts'
import type { DataResult, NotRun, SystemResult } from './results.ts'
import { systemResult } from './results.ts'
import type { SplitFolder } from './split-folder.ts'
import { type SystemName, systemLabel } from './systems.ts'
import { meansAt, userValues } from './user-values.ts'

/** What all systems of a reproduction are run with. */
export interface SystemRuns extends Workshop {
  /** The first ones, from 1. */
  seeds: number
  configs: Store
  cache: OutcomeCache
}

/**
 * Runs a system on a data set, once for each seed: fitted on the whole of train, then scored on test. What the cache has is
 * taken from there. A system that fails is told of and left out, so that a night's work is not lost for one.
 *
 * @throws CancelledError; UsageError for a configuration that is none
 */
export async function runSystem(
  system: SystemName,
  data: DataResult & { split: SplitFolder },
  runs: SystemRuns,
): Promise<SystemResult | NotRun> {
  const { split, printed } = data
  const names = printed === undefined ? [split.name] : [split.name, printed]
  const configuration = await configurationOf(system, names, runs.configs, split.train)
  if (configuration === undefined) return { notRun: `nightjar has no model of that name` }
  const title = `${systemLabel(system)} on ${data.label}`
  try {
    const search =
      configuration.epochs === undefined ? await foundEpochs(configuration, split, runs, title) : undefined
    const epochs = configuration.epochs ?? search?.epochs ?? 1
    const chosen = search?.options === undefined ? configuration : { ...configuration, model: search.options }
    const isRandom = !configuration.kind.oneEpoch
    const ablations = search?.ablations ?? configuration.ablations
    const also = ablations.map(({ options }) => options)
    const bySeed: Outcome[][] = []
    for (let seed = 1; seed <= (isRandom ? runs.seeds : 1); seed++)
      bySeed.push(await foundOutcomes(chosen, also, epochs, seed, split, runs, title))
    const { config, isOfData } = configuration
    const resultAt = (n: number) =>
      systemResult(
        bySeed.map((outcomes) => outcomes[n]),
        { config, isOfData, isRandom, searchSeconds: search?.seconds },
      )
    if (ablations.length === 0) return resultAt(0)
    return {
      ...resultAt(0),
      ablations: ablations.map(({ without }, n) => ({ without, result: resultAt(n + 1) })),
    }
  } catch (error) {
    const isOwn =
      error instanceof NightjarError && !(error instanceof CancelledError || error instanceof UsageError)
    if (!isOwn) throw error
    runs.progress.note(`${title} failed, and is left out: ${error.format()}`)
    return { notRun: `it failed: ${error.message} (${error.code})`, hasFailed: true }
  }
}

/** The best number of epochs, searched for once with the first seed and taken for all. */
async function foundEpochs(
  configuration: Configuration,
  split: SplitFolder,
  runs: SystemRuns,
  title: string,
): Promise<EpochSearch> {
  const { kind, model: options, trainer } = configuration
  const { epochs, evalEvery, patience, holdout } = trainer
  const habits = { epochs, evalEvery, patience, holdout }
  const cause = { model: kind.name, dataDigest: split.digest, options, habits, seed: 1 }
  const before = await runs.cache.search(cause)
  if (before !== undefined) return before
  const search = await searchEpochs(configuration, split, 1, runs, `${title}: epochs`)
  await runs.cache.saveSearch(cause, search)
  runs.progress.note(
    `${title}: best epoch ${search.epochs} of ${search.lastEpoch}, validation ndcg@10 ${search.ndcg10.toFixed(4)}, ${search.seconds.toFixed(1)} s`,
  )
  return search
}

/**
 * @param also options of models whose weights are among the fitted one's: they are scored with it, not fitted
 * @returns of the model, then of those
 */
async function foundOutcomes(
  { kind, model: options }: Configuration,
  also: readonly object[],
  epochs: number,
  seed: number,
  split: SplitFolder,
  runs: SystemRuns,
  title: string,
): Promise<Outcome[]> {
  const causes = [options, ...also].map((own): OutcomeCause => {
    return { model: kind.name, dataDigest: split.digest, options: own, epochs, seed }
  })
  const before = await Promise.all(causes.map((cause) => runs.cache.outcome(cause)))
  const kept = before.flatMap((outcome) => outcome ?? [])
  if (kept.length === causes.length) return kept
  const { engine, clock, progress, signal } = runs
  throwIfCancelled(signal, resumeHint)
  const label = `${title}, seed ${seed}`
  const began = clock.elapsedMs()
  progress.start(label, epochs)
  const open = { ratings: split.train, seed, engine, threads: engine.threads }
  const model = await kind.create({ options, ...open })
  try {
    await fitEpochs({
      model,
      epochsDone: 0,
      epochs,
      resumeHint,
      ...(signal === undefined ? {} : { signal }),
      onStep: ({ epoch, step, steps, loss }) =>
        progress.update(epoch - 1 + step / steps, lossText(loss * (steps / step))),
      afterEpoch: async () => false,
    })
    const fitSeconds = (clock.elapsedMs() - began) / 1000
    progress.end()
    progress.start(`${label}: lists`, causes.length)
    const scored = async (cause: OutcomeCause, ranker: Model): Promise<Outcome> => {
      const fitted = clock.elapsedMs()
      const found = await outcomeOf(ranker, split, (done) => {
        throwIfCancelled(signal, resumeHint)
        progress.update(causes.indexOf(cause) + done / split.test.pairs.rowCount)
      })
      const outcome: Outcome = {
        ...found,
        facts: {
          ...cause,
          engine: kind.runsOn === 'engine' ? engine.name : 'cpu',
          threads: engine.threads,
          fitSeconds,
          rankSeconds: (clock.elapsedMs() - fitted) / 1000,
          ...nightjarVersion(),
          at: clock.now().toISOString(),
        },
      }
      await runs.cache.saveOutcome(outcome)
      return outcome
    }
    const [own, ...others] = causes
    const outcomes = [await scored(own, model)]
    const state = others.length === 0 ? undefined : await model.state()
    for (const cause of others) {
      const part = await kind.create({ ...open, options: cause.options, state })
      try {
        outcomes.push(await scored(cause, part))
      } finally {
        part.close()
      }
    }
    progress.end()
    progress.note(`${label}: F1@10 ${f1At10(outcomes[0])}, ${fitSeconds.toFixed(1)} s`)
    return outcomes
  } finally {
    progress.end()
    model.close()
  }
}

function f1At10(outcome: Outcome): string {
  return meansAt(userValues(outcome)[10]).f1.toFixed(4)
}
