import type { CsrMatrix } from '../data/csr-matrix.ts'
import { popularityScorer } from '../models/popularity.ts'
import type { Progress } from '../progress.ts'
import { type Evaluation, evaluate, type HeldOut, type Scorer } from './evaluate.ts'

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
export function evaluateBesidePopularity(
  model: Scorer,
  fitted: CsrMatrix,
  known: CsrMatrix,
  heldOut: HeldOut,
  ks: readonly number[],
  progress: Progress,
): RunEvaluation {
  const run = (label: string, scorer: Scorer) => {
    progress.start(label, heldOut.pairs.rowCount)
    const evaluation = evaluate(scorer, known, heldOut, ks, (done) => progress.update(done))
    progress.end()
    return evaluation
  }
  return { model: run('evaluate', model), popularity: run('popular', popularityScorer(fitted)) }
}
