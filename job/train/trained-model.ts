import { atRows, type CsrMatrix, rowRange, transpose, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Engine, EngineModel, RangeRanker } from '../engine/engine.ts'
import type { ModelSpec } from '../engine/model-spec.ts'
import { parameterShape } from '../engine/model-state.ts'
import { NightjarError } from '../errors.ts'
import { jcaSpec } from '../models/jca.ts'
import { sha256Of } from '../store/sha256-of.ts'
import { openWeights, readState } from './state-file.ts'
import { settledOptions } from './train-options.ts'

export interface TrainedModel {
  model: EngineModel
  /** The rows that it was fitted on, `[users, items]`. */
  fitted: CsrMatrix
}

/**
 * A run's model, ready to score: its weights, over the rows that it was fitted on.
 *
 * @throws NightjarError RUN_CONFIG, WEIGHTS_DIGEST, SAFETENSORS, STATE_SHAPE where the run's files do not fit together
 */
export async function openTrainedModel(run: Run, dataset: Dataset, engine: Engine): Promise<TrainedModel> {
  const spec = specOf(run)
  await checkWeights(run)
  const { users, items } = run.extent
  const { state } = await readState(run.store, run.manifest.weights.path, (name) =>
    parameterShape(spec, name, users, items),
  )
  const fitted = await fittedRows(run, dataset)
  return { model: await engine.create(spec, fitted, state), fitted }
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
  if (engine.rankRanges === undefined) {
    const { model, fitted } = await openTrainedModel(run, dataset, engine)
    return {
      ranker: rangesOf(model, fitted.rowCount),
      fitted: rowRange(fitted, users.first, users.end),
    }
  }
  const spec = specOf(run)
  await checkWeights(run)
  const extent = run.extent
  const weights = await openWeights(run.store, run.manifest.weights.path, (name) =>
    parameterShape(spec, name, extent.users, extent.items),
  )
  const all = await fittedRows(run, dataset)
  const fitted = rowRange(all, users.first, users.end)
  return { ranker: await engine.rankRanges(spec, transpose(all), weights), fitted }
}

function specOf(run: Run): ModelSpec {
  const parsed = settledOptions.safeParse(run.manifest.config)
  if (parsed.success) return jcaSpec(parsed.data)
  const issue = parsed.error.issues[0]
  throw new NightjarError('RUN_CONFIG', {
    what: `${run.store.uri}/manifest.json: config.${issue?.path.join('.')}: ${issue?.message}`,
    why: 'the manifest was changed by hand, or written by another version of nightjar',
    fix: 'train again',
  })
}

async function fittedRows(run: Run, dataset: Dataset): Promise<CsrMatrix> {
  const ratings = await run.ratings(dataset)
  return run.manifest.epochs.refit ? ratings : without(ratings, await run.holdout())
}

/** A whole model that is asked for ranges: what it holds does not change, only where its users begin. */
function rangesOf(model: EngineModel, userCount: number): RangeRanker {
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
