import { atRows, type CsrMatrix, rowRange, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Engine, RangeRanker } from '../engine/engine.ts'
import { NightjarError, UsageError } from '../errors.ts'
import type { Model } from '../models/model.ts'
import { sha256Of } from '../store/sha256-of.ts'
import { openWeights, readState } from './state-file.ts'
import { checkOptions, type SettledOptions, type TrainOptions } from './train-options.ts'

export interface TrainedModel {
  model: Model
  /** The rows that it was fitted on, `[users, items]`. */
  fitted: CsrMatrix
}

/**
 * A run's model, ready to score: its weights, over the rows that it was fitted on.
 *
 * @throws NightjarError RUN_CONFIG, WEIGHTS_DIGEST, SAFETENSORS, STATE_SHAPE where the run's files do not fit together
 */
export async function openTrainedModel(run: Run, dataset: Dataset, engine: Engine): Promise<TrainedModel> {
  const { kind, model: options, trainer } = optionsOf(run)
  await checkWeights(run)
  const { state } = await readState(run.store, run.manifest.weights.path, shapesOf(run))
  const fitted = await fittedRows(run, dataset)
  const { seed } = trainer
  const model = await kind.create({
    ...{ options, ratings: fitted, seed, engine, threads: engine.threads },
    state: { ...state, memory: {} },
  })
  return { model, fitted }
}

/**
 * A run's model, to rank consecutive users with: on an engine that can, in memory that does not grow with the number of
 * users.
 *
 * @param users whose `fitted` rows are wanted, from `first` up to `end`
 * @throws NightjarError as {@link openTrainedModel}
 */
export async function openRangeRanker(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  users: { first: number; end: number },
): Promise<{ ranker: RangeRanker; fitted: CsrMatrix }> {
  const { kind, model: options } = optionsOf(run)
  await checkWeights(run)
  const weights = await openWeights(run.store, run.manifest.weights.path, shapesOf(run))
  const all = await fittedRows(run, dataset)
  const fitted = rowRange(all, users.first, users.end)
  const ranker = await kind.rankRanges?.({ options, ratings: all, engine, weights })
  if (ranker !== undefined) return { ranker, fitted }
  const { model } = await openTrainedModel(run, dataset, engine)
  return { ranker: rangesOf(model, all.rowCount), fitted }
}

/**
 * What a run was trained with.
 *
 * @throws NightjarError RUN_CONFIG
 */
export function optionsOf({ store, manifest }: Run): SettledOptions {
  try {
    return checkOptions({ ...manifest.config, model: manifest.model } as TrainOptions)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new NightjarError('RUN_CONFIG', {
      what: `${store.uri}/manifest.json: ${error.message}`,
      why: 'the manifest was changed by hand, or written by another version of nightjar',
      fix: 'train again',
    })
  }
}

/** Shapes of the weights that a run must have. */
function shapesOf(run: Run): Record<string, number[]> {
  const { kind, model } = optionsOf(run)
  return kind.shapes(model, run.extent.users, run.extent.items)
}

async function fittedRows(run: Run, dataset: Dataset): Promise<CsrMatrix> {
  const ratings = await run.ratings(dataset)
  return run.manifest.epochs.refit ? ratings : without(ratings, await run.holdout())
}

/** A whole model that is asked for ranges: what it holds does not change, only where its users begin. */
function rangesOf(model: Model, userCount: number): RangeRanker {
  let start = 0
  return {
    take: async (first) => {
      start = first
    },
    topK: (users, k, masked) =>
      model.topK(
        users.map((user) => start + user),
        k,
        masked && atRows(masked, start, userCount),
      ),
    close: () => model.close(),
  }
}

/** Damaged weights would give lists all the same, and bad ones. */
export async function checkWeights({ store, manifest }: Run): Promise<void> {
  const { path, sha256 } = manifest.weights
  const found = await sha256Of(store, path)
  if (found === sha256) return
  throw new NightjarError('WEIGHTS_DIGEST', {
    what: `${store.uri}/${path}: sha256 ${found.slice(0, 12)}..., the manifest says ${sha256.slice(0, 12)}...`,
    why: 'the file was changed or cut after it was written, or belongs to another run',
    fix: 'copy the run again, or train again',
  })
}
