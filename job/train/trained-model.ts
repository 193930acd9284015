import { createHash } from 'node:crypto'
import { type CsrMatrix, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import type { Engine, EngineModel } from '../engine/engine.ts'
import { parameterShape } from '../engine/model-state.ts'
import { NightjarError } from '../errors.ts'
import { jcaSpec } from '../models/jca.ts'
import { readState } from './state-file.ts'
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
  const parsed = settledOptions.safeParse(run.manifest.config)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new NightjarError('RUN_CONFIG', {
      what: `${run.store.uri}/manifest.json: config.${issue?.path.join('.')}: ${issue?.message}`,
      why: 'the manifest was changed by hand, or written by another version of nightjar',
      fix: 'train again',
    })
  }
  await checkWeights(run)
  const spec = jcaSpec(parsed.data)
  const { users, items } = run.extent
  const { state } = await readState(run.store, run.manifest.weights.path, (name) =>
    parameterShape(spec, name, users, items),
  )
  const ratings = await run.ratings(dataset)
  const fitted = run.manifest.epochs.refit ? ratings : without(ratings, await run.holdout())
  return { model: await engine.create(spec, fitted, state), fitted }
}

/** Damaged weights would give lists all the same, and bad ones. */
export async function checkWeights({ store, manifest }: Run): Promise<void> {
  const { path, sha256 } = manifest.weights
  const found = createHash('sha256')
    .update(await store.read(path))
    .digest('hex')
  if (found === sha256) return
  throw new NightjarError('WEIGHTS_DIGEST', {
    what: `${store.uri}/${path}: sha256 ${found.slice(0, 12)}..., the manifest says ${sha256.slice(0, 12)}...`,
    why: 'the file was changed or cut after it was written, or belongs to another run',
    fix: 'copy the run again, or train again',
  })
}
