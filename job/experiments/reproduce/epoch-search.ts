import type { Clock } from '../../clock.ts'
import { without } from '../../data/csr-matrix.ts'
import type { Engine } from '../../engine/engine.ts'
import { type BlendOptions, blendKind } from '../../models/blend.ts'
import type { Progress } from '../../progress.ts'
import { searchBestEpoch } from '../../train/best-epoch.ts'
import { chooseBlend } from '../../train/choose-blend.ts'
import { drawHoldout } from '../../train/holdout.ts'
import type { SettledOptions } from '../../train/train-options.ts'
import type { SplitFolder } from './split-folder.ts'

/** A blend without one of its parts. */
export interface Ablation {
  without: string
  options: object
}

export interface EpochSearch {
  /** What a blend's search has chosen beside its epochs. */
  options?: Record<string, unknown> | undefined
  /** What it would have chosen without each of its parts. */
  ablations?: Ablation[] | undefined
  /** The best one. */
  epochs: number
  /** NDCG@10 on the validation rows after that many epochs. */
  ndcg10: number
  /** The last epoch that was run. */
  lastEpoch: number
  seconds: number
}

/** What fitting needs beside the model. */
export interface Workshop {
  engine: Engine
  clock: Clock
  progress: Progress
  signal: AbortSignal | undefined
}

export const resumeHint = 'the same command goes on: what was fitted is kept'

/**
 * Searches for the number of epochs as `train` does: fits on train without the validation rows, looks at their NDCG@10
 * every `evalEvery` epochs, and ends when it was no better for `patience` epochs. A split without validation rows has a
 * tenth of each user's drawn. Of a blend it is the search that `train` makes.
 *
 * @param label shown beside the progress
 */
export async function searchEpochs(
  { kind, model: options, trainer }: SettledOptions,
  { train, validation }: SplitFolder,
  seed: number,
  { engine, clock, progress, signal }: Workshop,
  label: string,
): Promise<EpochSearch> {
  const began = clock.elapsedMs()
  const heldOut =
    validation.columns.length > 0 ? validation : drawHoldout(train, trainer.holdout || 0.1, seed)
  const fitted = without(train, heldOut)
  if (kind.name === blendKind.name) {
    const search = { options: options as BlendOptions, ratings: fitted, heldOut, epochs: trainer.epochs }
    const found = await chooseBlend({ ...search, engine, seed, clock, progress, signal, resumeHint })
    const epochs = Math.max(...found.options.parts.map(({ epochs }) => epochs))
    const seconds = (clock.elapsedMs() - began) / 1000
    const { ablations } = found
    const chosen = { options: { ...found.options }, ablations }
    return { epochs, ndcg10: found.metrics.ndcg, lastEpoch: epochs, seconds, ...chosen }
  }
  const model = await kind.create({ options, ratings: fitted, seed, engine, threads: engine.threads })
  const watch = { label, progress, signal, resumeHint }
  try {
    const found = await searchBestEpoch(model, { ratings: fitted, heldOut }, trainer, watch)
    const { epoch, metrics, lastEpoch } = found
    const seconds = (clock.elapsedMs() - began) / 1000
    return { epochs: epoch, ndcg10: metrics.ndcg, lastEpoch, seconds }
  } finally {
    progress.end()
    model.close()
  }
}
