import type { CsrMatrix } from '../data/csr-matrix.ts'
import { throwIfCancelled } from '../errors.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import type { Model } from '../models/model.ts'
import type { Progress } from '../progress.ts'
import { fitEpochs } from './fit-epochs.ts'

/** How a search looks. */
export interface EpochLooks {
  /** The last epoch that may be run. */
  epochs: number
  evalEvery: number
  /** Epochs without a better NDCG@10 that end it; 0: never. */
  patience: number
  /**
   * The best NDCG@10 up to each look of a search that this one is to beat. One that is clearly behind after `patience` epochs is
   * ended there.
   */
  rival?: readonly number[] | undefined
}

/** Below this share of what the rival had by then, a search is behind. */
const behind = 0.98

export interface BestEpoch {
  epoch: number
  metrics: MetricsAtK
  /** The last one that was run. */
  lastEpoch: number
  /** The best NDCG@10 up to each look. */
  looks: number[]
}

/**
 * Fits a fresh model until nothing better comes, and tells the epoch with the best NDCG@10 on held-out rows.
 *
 * The phase of `progress` that it starts is left open: the caller ends it, whatever happens.
 *
 * @param ratings  what the model is fitted on, `[users, items]`
 * @param onBetter called at each look that is the best so far: the model is then at that epoch
 */
export async function searchBestEpoch(
  model: Model,
  { ratings, heldOut }: { ratings: CsrMatrix; heldOut: CsrMatrix },
  { epochs, evalEvery, patience, rival = [] }: EpochLooks,
  watch: { label: string; progress: Progress; signal: AbortSignal | undefined; resumeHint: string },
  onBetter: () => Promise<void> = async () => {},
): Promise<BestEpoch> {
  const { label, progress, signal, resumeHint } = watch
  let best: { epoch: number; metrics: MetricsAtK } | undefined
  const looks: number[] = []
  progress.start(label, epochs, { unit: 'epochs' })
  const lastEpoch = await fitEpochs({
    ...{ model, epochsDone: 0, epochs, resumeHint },
    ...(signal === undefined ? {} : { signal }),
    onStep: ({ epoch, step, steps }) => progress.update(epoch - 1 + step / steps, best && bestText(best)),
    afterEpoch: async (epoch) => {
      if (epoch % evalEvery !== 0 && epoch !== epochs) return false
      const evaluation = await evaluate(model, ratings, { pairs: heldOut }, [10], () => {
        throwIfCancelled(signal, resumeHint)
        progress.update(epoch, best && bestText(best))
      })
      const metrics = evaluation.metrics['10']
      if (best === undefined || metrics.ndcg > best.metrics.ndcg) {
        best = { epoch, metrics }
        await onBetter()
      }
      const aim = rival[looks.length] ?? 0
      looks.push(best.metrics.ndcg)
      if (patience === 0) return false
      return epoch - best.epoch >= patience || (epoch >= patience && best.metrics.ndcg < behind * aim)
    },
  })
  if (best === undefined) throw new Error(`${label}: no epoch was looked at`)
  return { ...best, lastEpoch, looks }
}

function bestText({ epoch, metrics }: { epoch: number; metrics: MetricsAtK }): string {
  return `ndcg@10 ${metrics.ndcg.toFixed(4)} (epoch ${epoch})`
}
