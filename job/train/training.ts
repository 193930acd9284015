import type { Clock } from '../clock.ts'
import { type CsrMatrix, without } from '../data/csr-matrix.ts'
import type { BlendFindings, CurvePoint } from '../data/run-manifest.ts'
import type { Engine } from '../engine/engine.ts'
import { throwIfCancelled } from '../errors.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { type BlendOptions, blendKind, joinStates, usualChoice } from '../models/blend.ts'
import type { FitState, Model } from '../models/model.ts'
import type { Progress } from '../progress.ts'
import type { Checkpoints, TrainingProgress } from './checkpoint.ts'
import { chooseBlend } from './choose-blend.ts'
import { fitEpochs } from './fit-epochs.ts'
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
  resumeFrom: { state: FitState; progress: TrainingProgress } | undefined
  trainingDigest: string
  startedAt: string
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

export interface TrainingResult {
  state: FitState
  /** With what the search has chosen. */
  options: SettledOptions
  findings: BlendFindings | undefined
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
  const { heldOut, resumeFrom } = input
  const { trainer } = input.options
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
    const reduced = without(input.ratings, heldOut)
    state = isBlend(input.options)
      ? await searchBlend(input, standing, reduced, heldOut, timingsMs)
      : await runPhase(input, standing, state, reduced, trainer.epochs, timingsMs)
    if (!trainer.refit) return result(input, standing, state, timingsMs)
    Object.assign(standing, { phase: 'refit', epoch: 0 })
    state = undefined
  }
  if (heldOut === undefined && isBlend(input.options))
    standing.chosen = usualChoice(input.options.model as BlendOptions)
  const chosen = { ...input, options: withChosen(input.options, standing.chosen) }
  const epochs = heldOut === undefined ? trainer.epochs : standing.bestEpoch
  state = await runPhase(chosen, standing, state, input.ratings, epochs, timingsMs)
  return result(input, standing, state, timingsMs)
}

/** Options with what a search has chosen in the place of what they left open. */
export function withChosen(options: SettledOptions, chosen: object | undefined): SettledOptions {
  return chosen === undefined ? options : { ...options, model: chosen }
}

const isBlend = ({ kind }: SettledOptions) => kind.name === blendKind.name

/** The search of a blend: its parts, their epochs and weights are chosen, and tell how long it is trained. */
async function searchBlend(
  { options, engine, checkpoints, progress, signal, clock, trainingDigest }: TrainingInput,
  standing: TrainingProgress,
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  timingsMs: TrainingResult['timingsMs'],
): Promise<FitState> {
  const began = clock.elapsedMs()
  const { rowCount: users, columnCount: items } = ratings
  const found = await chooseBlend({
    ...{ options: options.model as BlendOptions, engine, ratings, heldOut },
    ...{ epochs: options.trainer.epochs, seed: options.trainer.seed },
    ...{ clock, progress, signal, resumeHint: checkpoints.hint },
    parts: checkpoints.parts(trainingDigest, { users, items }),
  })
  const { parts } = found.options
  const epoch = Math.max(...parts.map(({ epochs }) => epochs))
  Object.assign(standing, { chosen: found.options, findings: found.findings })
  standing.curve.push({
    phase: 'search',
    epoch,
    loss: 0,
    ndcg10: found.metrics.ndcg,
    ndcg10Error: found.ndcgError,
    f1At10: found.metrics.f1,
  })
  Object.assign(standing, { epoch, bestEpoch: epoch, bestNdcg10: found.metrics.ndcg })
  timingsMs.searchMs += clock.elapsedMs() - began
  return joinStates(parts.map(({ model }, n) => [model, found.states[n]]))
}

function result(
  { options }: TrainingInput,
  standing: TrainingProgress,
  state: FitState,
  timingsMs: TrainingResult['timingsMs'],
): TrainingResult {
  const searched = standing.curve.filter((point) => point.phase === 'search')
  const epochsTrained = (searched.at(-1) ?? standing.curve.at(-1))?.epoch ?? 0
  const { curve } = standing
  return {
    state,
    options: withChosen(options, standing.chosen),
    findings: standing.findings,
    bestEpoch: standing.bestEpoch || epochsTrained,
    epochsTrained,
    curve,
    timingsMs,
  }
}

/** Trains from a fresh state, or from `from`, and returns the weights that this phase chose. */
async function runPhase(
  input: TrainingInput,
  standing: TrainingProgress,
  from: FitState | undefined,
  ratings: CsrMatrix,
  epochs: number,
  timingsMs: TrainingResult['timingsMs'],
): Promise<FitState> {
  const { progress, clock, checkpoints } = input
  const { trainer: options } = input.options
  const isSearch = standing.phase === 'search'
  const model = await open(input, ratings, from)
  // Whoever resumes from here on must not search once more.
  if (!isSearch && from === undefined && input.heldOut !== undefined)
    await checkpoints.save(await model.state(), standing)
  const keepsBest = isSearch && options.patience > 0
  const began = clock.elapsedMs()
  const evaluatedBefore = timingsMs.evaluateMs
  progress.start(standing.phase, epochs, { unit: 'epochs', done: standing.epoch })
  try {
    await fitEpochs({
      model,
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
      return await checkpoints.loadBest(shapesOf(input))
    }
    return await model.state()
  } finally {
    model.close()
  }
}

/** A model to go on with from where it stood, or fresh, or with an earlier run's weights. */
async function open(input: TrainingInput, ratings: CsrMatrix, from: FitState | undefined): Promise<Model> {
  const { kind, model: options, trainer } = input.options
  const { engine, warm } = input
  const create = (state: FitState | undefined) =>
    kind.create({ options, ratings, seed: trainer.seed, engine, threads: engine.threads, state })
  const model = await create(from)
  if (from !== undefined || warm === undefined) return model
  try {
    return await create(warm.copyInto(await model.state()))
  } finally {
    model.close()
  }
}

/** Shapes of the weights that this training makes. */
export function shapesOf({ options, ratings }: Pick<TrainingInput, 'options' | 'ratings'>) {
  return options.kind.shapes(options.model, ratings.rowCount, ratings.columnCount)
}

async function lookAt(
  { heldOut, signal, checkpoints }: TrainingInput,
  model: Model,
  ratings: CsrMatrix,
): Promise<Pick<CurvePoint, 'ndcg10' | 'ndcg10Error' | 'f1At10'>> {
  if (heldOut === undefined) return {}
  const { metrics, ndcgErrors } = await evaluate(model, ratings, { pairs: heldOut }, [10], () =>
    throwIfCancelled(signal, checkpoints.hint),
  )
  const at10 = metrics['10']
  return { ndcg10: at10.ndcg, ndcg10Error: ndcgErrors['10'], f1At10: at10.f1 }
}

function describe(loss: number, standing: TrainingProgress): string {
  const best =
    standing.bestEpoch === 0 || standing.phase === 'refit'
      ? ''
      : `  ndcg@10 ${standing.bestNdcg10.toFixed(4)} (epoch ${standing.bestEpoch})`
  return `${lossText(loss)}${best}`.trimStart()
}

function summary(standing: TrainingProgress): string {
  const { epoch } = standing
  if (standing.phase === 'refit') {
    const loss = lossText(standing.curve.at(-1)?.loss ?? 0)
    return `${epoch} epoch${epoch === 1 ? '' : 's'} on all rows${loss && `, ${loss}`}`
  }
  return `best epoch ${standing.bestEpoch} of ${standing.epoch}, held-out ndcg@10 ${standing.bestNdcg10.toFixed(4)}`
}

/** Nothing for a model that has none. */
export function lossText(loss: number): string {
  return loss === 0 ? '' : `loss ${loss.toFixed(0)}`
}
