import type { Clock } from '../clock.ts'
import { type CsrMatrix, without } from '../data/csr-matrix.ts'
import type { CurvePoint } from '../data/run-manifest.ts'
import type { Engine, EngineModel } from '../engine/engine.ts'
import { initialState, type ModelState, parameterShape } from '../engine/model-state.ts'
import { throwIfCancelled } from '../errors.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { jcaSpec } from '../models/jca.ts'
import type { Progress } from '../progress.ts'
import type { Checkpoints, TrainingProgress } from './checkpoint.ts'
import { fitEpochs } from './fit-epochs.ts'
import { fullSweep } from './full-sweep.ts'
import type { SettledOptions } from './train-options.ts'
import type { WarmStart } from './warm-start.ts'

export interface TrainingInput {
  options: SettledOptions
  engine: Engine
  /** All rows, `[users, items]`. */
  ratings: CsrMatrix
  /** Rows to choose the epoch on, `[users, items]`; undefined where nothing is held out. */
  heldOut: CsrMatrix | undefined
  /** An earlier run's weights, from which both phases begin. */
  warm?: WarmStart | undefined
  checkpoints: Checkpoints
  /** Where an earlier, unfinished training stood; its state is taken up. */
  resumeFrom: { state: ModelState; progress: TrainingProgress } | undefined
  trainingDigest: string
  startedAt: string
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

export interface TrainingResult {
  state: ModelState
  /** The epoch that the weights are of, and the last one that the search ran. */
  bestEpoch: number
  epochsTrained: number
  curve: CurvePoint[]
  timingsMs: { searchMs: number; refitMs: number; evaluateMs: number }
}

/**
 * The default flow: search for the epoch with the best held-out NDCG@10, then train again on all rows for as
 * many epochs. Without held-out rows there is nothing to search on, and all epochs are run on all rows.
 */
export async function runTraining(input: TrainingInput): Promise<TrainingResult> {
  const { options, heldOut, resumeFrom } = input
  const standing: TrainingProgress = resumeFrom?.progress ?? {
    phase: heldOut === undefined ? 'refit' : 'search',
    epoch: 0,
    bestNdcg10: 0,
    bestEpoch: 0,
    curve: [],
    trainingDigest: input.trainingDigest,
    startedAt: input.startedAt,
  }
  const timingsMs = { searchMs: 0, refitMs: 0, evaluateMs: 0 }
  let state = resumeFrom?.state

  if (heldOut !== undefined && standing.phase === 'search') {
    state = await runPhase(input, standing, state, without(input.ratings, heldOut), options.epochs, timingsMs)
    if (!options.refit) return result(standing, state, timingsMs)
    Object.assign(standing, { phase: 'refit', epoch: 0 })
    state = freshState(input)
    // Whoever resumes from here on must not search once more.
    await input.checkpoints.save(state, standing)
  }
  const epochs = heldOut === undefined ? options.epochs : standing.bestEpoch
  state = await runPhase(input, standing, state, input.ratings, epochs, timingsMs)
  return result(standing, state, timingsMs)
}

function result(
  standing: TrainingProgress,
  state: ModelState,
  timingsMs: TrainingResult['timingsMs'],
): TrainingResult {
  const searched = standing.curve.filter((point) => point.phase === 'search')
  const epochsTrained = (searched.at(-1) ?? standing.curve.at(-1))?.epoch ?? 0
  const { curve } = standing
  return { state, bestEpoch: standing.bestEpoch || epochsTrained, epochsTrained, curve, timingsMs }
}

/** Trains from a fresh state, or from `from`, and returns the weights that this phase chose. */
async function runPhase(
  input: TrainingInput,
  standing: TrainingProgress,
  from: ModelState | undefined,
  ratings: CsrMatrix,
  epochs: number,
  timingsMs: TrainingResult['timingsMs'],
): Promise<ModelState> {
  const { options, engine, progress, clock, checkpoints } = input
  const spec = jcaSpec(options)
  const model = await engine.create(spec, ratings, from ?? freshState(input))
  const isSearch = standing.phase === 'search'
  const keepsBest = isSearch && options.patience > 0
  const began = clock.elapsedMs()
  const evaluatedBefore = timingsMs.evaluateMs
  progress.start(standing.phase, epochs)
  try {
    await fitEpochs({
      model,
      ratings,
      sampler: fullSweep(options.batchUsers, options.batchItems),
      seed: options.seed,
      epochsDone: standing.epoch,
      epochs,
      resumeHint: checkpoints.hint,
      ...(input.signal === undefined ? {} : { signal: input.signal }),
      onStep: ({ epoch, step, steps, loss }) =>
        progress.update(epoch - 1 + step / steps, describe(loss * (steps / step), standing)),
      afterEpoch: async (epoch, loss) => {
        standing.epoch = epoch
        const point: CurvePoint = { phase: standing.phase, epoch, loss }
        standing.curve.push(point)
        const last = epoch === epochs
        if (isSearch && (epoch % options.evalEvery === 0 || last)) {
          const evaluateBegan = clock.elapsedMs()
          Object.assign(point, await lookAt(input, model, ratings))
          timingsMs.evaluateMs += clock.elapsedMs() - evaluateBegan
          const ndcg10 = point.ndcg10 ?? 0
          if (standing.bestEpoch === 0 || ndcg10 > standing.bestNdcg10) {
            Object.assign(standing, { bestNdcg10: ndcg10, bestEpoch: epoch })
            if (keepsBest && !options.refit) await checkpoints.saveBest(await model.state())
          }
          progress.update(epoch, describe(loss, standing))
        }
        const ends = last || (keepsBest && epoch - standing.bestEpoch >= options.patience)
        if (ends || epoch % options.checkpointEvery === 0)
          await checkpoints.save(await model.state(), standing)
        return ends
      },
    })
    timingsMs[isSearch ? 'searchMs' : 'refitMs'] +=
      clock.elapsedMs() - began - (timingsMs.evaluateMs - evaluatedBefore)
    // Without patience the last epoch counts, whatever the curve says.
    if (isSearch && !keepsBest) {
      standing.bestEpoch = standing.epoch
      standing.bestNdcg10 = standing.curve.at(-1)?.ndcg10 ?? standing.bestNdcg10
    }
    progress.end(summary(standing))
    if (keepsBest && !options.refit) {
      return await checkpoints.loadBest((name) =>
        parameterShape(spec, name, ratings.rowCount, ratings.columnCount),
      )
    }
    return await model.state()
  } finally {
    model.close()
  }
}

function freshState({ options, ratings, warm }: TrainingInput): ModelState {
  const fresh = initialState(jcaSpec(options), ratings.rowCount, ratings.columnCount, options.seed)
  return warm?.copyInto(fresh) ?? fresh
}

async function lookAt(
  { heldOut, signal, checkpoints }: TrainingInput,
  model: EngineModel,
  ratings: CsrMatrix,
): Promise<Pick<CurvePoint, 'ndcg10' | 'f1At10'>> {
  if (heldOut === undefined) return {}
  const { metrics } = await evaluate(model, ratings, { pairs: heldOut }, [10], () =>
    throwIfCancelled(signal, checkpoints.hint),
  )
  const at10 = metrics['10']
  return { ndcg10: at10.ndcg, f1At10: at10.f1 }
}

function describe(loss: number, standing: TrainingProgress): string {
  const best =
    standing.bestEpoch === 0 || standing.phase === 'refit'
      ? ''
      : `  ndcg@10 ${standing.bestNdcg10.toFixed(4)} (epoch ${standing.bestEpoch})`
  return `loss ${loss.toFixed(0)}${best}`
}

function summary(standing: TrainingProgress): string {
  const loss = standing.curve.at(-1)?.loss.toFixed(0) ?? ''
  if (standing.phase === 'refit') return `${standing.epoch} epochs on all rows, loss ${loss}`
  return `best epoch ${standing.bestEpoch} of ${standing.epoch}, held-out ndcg@10 ${standing.bestNdcg10.toFixed(4)}`
}
