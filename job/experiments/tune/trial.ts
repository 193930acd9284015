import * as z from 'zod'
import type { Clock } from '../../clock.ts'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { readJsonFile, writeJsonFile } from '../../data/json-file.ts'
import type { Engine } from '../../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../../errors.ts'
import { evaluate } from '../../evaluate/evaluate.ts'
import type { FitState, ModelKind } from '../../models/model.ts'
import type { Store } from '../../store/store.ts'
import { fitEpochs } from '../../train/fit-epochs.ts'
import { readState, writeState } from '../../train/state-file.ts'
import type { Plan } from './plan.ts'

const look = z.object({ epoch: z.number().int(), ndcg10: z.number(), f1At10: z.number() })

const trialSchema = z.object({
  trial: z.number().int(),
  /** Of the search that it is part of. */
  plan: z.string(),
  /** Epochs that were run, and whether there is nothing more to run. */
  epochs: z.number().int(),
  ended: z.boolean(),
  /** By held-out NDCG@10; null where it failed before it was looked at. */
  best: look.nullable(),
  looks: z.array(look),
  fitMs: z.number(),
  /** Why there is no more of it: a loss that is not finite, say, or a table too large for memory. */
  failed: z.string().nullable(),
})
/** What is known of a trial: `trials/0003.json`. */
export type Trial = z.infer<typeof trialSchema>

export interface TrialInput {
  plan: Plan
  kind: ModelKind
  store: Store
  engine: Engine
  /** The rows to fit on and those to choose by, `[users, items]`. */
  ratings: CsrMatrix
  heldOut: CsrMatrix
  clock: Clock
  signal?: AbortSignal | undefined
}

const pathOf = (trial: number) => `trials/${String(trial).padStart(4, '0')}`

/** What was kept of a trial of this search; undefined where it has not been run. */
export async function readTrial(store: Store, plan: Plan, trial: number): Promise<Trial | undefined> {
  const path = `${pathOf(trial)}.json`
  if ((await store.size(path)) === undefined) return undefined
  const kept = await readJsonFile(store, path, trialSchema, 'TUNE_TRIAL')
  return kept.plan === plan.digest ? kept : undefined
}

/**
 * Runs a trial up to an epoch, from where it stood, and keeps what came of it. One that was kept already as far as that
 * is not run again.
 *
 * @param isLast whether no later rung will take it up, so that its weights need not be kept
 */
export async function runTrial(
  input: TrialInput,
  number: number,
  until: number,
  isLast: boolean,
): Promise<Trial> {
  const { plan, store } = input
  const kept = await readTrial(store, plan, number)
  if (kept !== undefined && (kept.ended || kept.epochs >= until)) return kept
  const before: Trial = kept ?? {
    ...{ trial: number, plan: plan.digest, epochs: 0, ended: false },
    ...{ best: null, looks: [], fitMs: 0, failed: null },
  }
  let after: Trial
  try {
    after = await fitOn(input, before, until, isLast)
  } catch (error) {
    // These options won't do; others may.
    if (!(error instanceof NightjarError) || error.code === 'CANCELLED') throw error
    after = { ...before, ended: true, failed: `[${error.code}] ${error.message}` }
  }
  await writeJsonFile(store, `${pathOf(number)}.json`, after)
  return after
}

async function fitOn(input: TrialInput, before: Trial, until: number, isLast: boolean): Promise<Trial> {
  const { plan, kind, store, engine, ratings, heldOut, clock, signal } = input
  const own = plan.trials[before.trial]
  const options = kind.settle?.(own, ratings) ?? own
  const statePath = `${pathOf(before.trial)}.safetensors`
  let state: FitState | undefined
  if (before.epochs > 0) {
    const shapes = kind.shapes(options, ratings.rowCount, ratings.columnCount)
    state = (await readState(store, statePath, shapes)).state
  }
  const model = await kind.create({
    ...{ options, ratings, seed: plan.seed, engine, threads: engine.threads },
    state,
  })
  const trial: Trial = { ...before, looks: [...before.looks] }
  let began = clock.elapsedMs()
  try {
    await fitEpochs({
      ...{ model, epochsDone: before.epochs, epochs: until },
      resumeHint: `the same command goes on; what was tried is in ${store.uri}`,
      ...(signal && { signal }),
      afterEpoch: async (epoch) => {
        trial.epochs = epoch
        if (epoch % plan.evalEvery !== 0 && epoch !== until) return false
        trial.fitMs += clock.elapsedMs() - began
        const { metrics } = await evaluate(model, ratings, { pairs: heldOut }, [10], () =>
          throwIfCancelled(signal),
        )
        const seen = { epoch, ndcg10: metrics['10'].ndcg, f1At10: metrics['10'].f1 }
        trial.looks.push(seen)
        if (trial.best === null || seen.ndcg10 > trial.best.ndcg10) trial.best = seen
        trial.ended = plan.patience > 0 && epoch - trial.best.epoch >= plan.patience
        began = clock.elapsedMs()
        return trial.ended
      },
    })
    if (isLast) trial.ended = true
    else if (!trial.ended) await writeState(store, statePath, await model.state(), {})
  } finally {
    model.close()
  }
  if (trial.ended) await store.delete(statePath)
  return trial
}
