import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { Ranker } from '../engine/top-k.ts'
import { throwIfCancelled } from '../errors.ts'
import { popularityRanker } from '../models/popularity.ts'
import type { Progress } from '../progress.ts'
import { type Evaluation, evaluate, type HeldOut } from './evaluate.ts'

export interface RunEvaluation {
  model: Evaluation
  /** The most popular items for everybody, over the same rows. */
  popularity: Evaluation
}

/**
 * A model and popularity on the same held-out rows.
 *
 * @param fitted what the model was fitted on, and what popularity counts
 * @param known  what no list may hold: fitted or not
 */
export async function evaluateBesidePopularity(
  model: Ranker,
  fitted: CsrMatrix,
  known: CsrMatrix,
  heldOut: HeldOut,
  ks: readonly number[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<RunEvaluation> {
  const run = async (label: string, ranker: Ranker) => {
    progress.start(label, heldOut.pairs.rowCount, { unit: 'users' })
    const evaluation = await evaluate(ranker, known, heldOut, ks, (done) => {
      throwIfCancelled(signal)
      progress.update(done)
    })
    progress.end()
    return evaluation
  }
  return {
    model: await run('evaluate', model),
    popularity: await run('popular', popularityRanker(fitted)),
  }
}
