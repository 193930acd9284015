import { foldInItemsMax } from '../../shared/fold-in-part.ts'
import type { Clock } from '../clock.ts'
import { type CsrMatrix, csrFromPairs, rowOf, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import { writeJsonFile } from '../data/json-file.ts'
import { openRun, type Run, runManifestPath } from '../data/run.ts'
import { FoldInEngine } from '../engine/fold-in/fold-in-engine.ts'
import type { FoldInOptions } from '../engine/fold-in/fold-in-options.ts'
import type { FoldInWeights } from '../engine/fold-in/fold-in-weights.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import { blendKind, type ChosenBlendOptions, partOptions, stateOfPart } from '../models/blend.ts'
import {
  autoencoderTables,
  rowsOfStep,
  userAutoencoderKind,
  type WeightedAutoencoderOptions,
} from '../models/weighted-autoencoder.ts'
import type { Progress } from '../progress.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { readState } from './state-file.ts'
import { optionsOf } from './trained-model.ts'

/** The last epoch that the search may run, how often it looks, and for how long it waits for a better one. */
const searchEpochs = 150
const lookEvery = 5
const patience = 20

/** What is trained for where no row was held out to choose it on. */
const usualEpochs = 40

/** Users whose held-out rows the search looks at; more would cost more than an epoch. */
const lookedAtMax = 5000

const foldInPath = 'model/fold-in.safetensors'

export interface FoldInRunOptions {
  dataset: Dataset
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

/** Whether a catalogue of this size is served from a history alone. */
export const foldInFits = (items: number) => items <= foldInItemsMax

/**
 * Trains the fold-in component of a run on the rows that its model was fitted on, and adds it to the run.
 *
 * It has a loss of its own: half of a jointly trained JCA is weak alone. As in `trainRun` the best epoch is searched for on the
 * run's held-out rows, and the component then trained again, for as many epochs, on all of them.
 *
 * A blend that has it as a part has trained it already.
 *
 * A kill leaves the run as it was.
 *
 * @returns the run with its new manifest
 * @throws NightjarError FOLD_IN_ITEMS where the catalogue is too large to be served so
 */
export async function trainFoldIn(run: Run, options: FoldInRunOptions): Promise<Run> {
  const { dataset, clock, progress, signal } = options
  const { items } = run.extent
  if (!foldInFits(items)) {
    throw new NightjarError('FOLD_IN_ITEMS', {
      what: `${items} items, lists from a history alone are offered up to ${foldInItemsMax}`,
      why: 'a worker holds two numbers for every item and hidden unit, in 128 MB that all of its requests share',
      fix: 'import with --min-count to leave rare items out, or do without: strangers get the popular list',
    })
  }
  const began = clock.elapsedMs()
  const ratings = await run.ratings(dataset)
  const watch = { progress, signal }
  const heldOut = await run.holdout(dataset)
  const found =
    (await partOfBlend(run)) ??
    (await fitFoldIn(ratings, heldOut, run.manifest.epochs.refit, run.manifest.seed, watch))
  const written = await writeFoldIn(run, found.weights)
  const { store, manifest } = await openRun(run.store)
  await writeJsonFile(store, runManifestPath, {
    ...manifest,
    foldIn: {
      config: found.options,
      epochs: found.epochs,
      validation:
        found.metrics === null ? null : { 'ndcg@10': found.metrics.ndcg, 'f1@10': found.metrics.f1 },
      elapsedMs: clock.elapsedMs() - began,
      weights: { path: foldInPath, rows: items, ...written },
    },
  })
  return openRun(run.store)
}

export interface FittedFoldIn {
  weights: FoldInWeights
  options: FoldInOptions | WeightedAutoencoderOptions
  epochs: number
  /** On the held-out rows; null where there are none. */
  metrics: Pick<MetricsAtK, 'ndcg' | 'f1'> | null
}

/**
 * Searches for the best epoch on held-out rows, then trains again for as many.
 *
 * @param ratings all rows, `[users, items]`
 * @param heldOut those of them to choose the epoch on; none where it is empty
 * @param refit   whether the second training is on all rows, or again without those held out
 */
export async function fitFoldIn(
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  refit: boolean,
  seed: number,
  watch: Watch,
): Promise<FittedFoldIn> {
  const { l2, ...usual } = userAutoencoderKind.settle(userAutoencoderKind.defaults, ratings)
  const options: FoldInOptions = { ...usual, l2, seed, batchUsers: rowsOfStep(ratings.rowCount) }
  const reduced = without(ratings, heldOut)
  const best = heldOut.columns.length === 0 ? undefined : await search(reduced, heldOut, options, watch)
  const epochs = best?.epoch ?? usualEpochs
  const weights = await fitWhole(refit ? ratings : reduced, options, epochs, watch)
  return { weights, options, epochs, metrics: best?.metrics ?? null }
}

/** The user half of a blend: the same component, trained as its part. */
async function partOfBlend(run: Run): Promise<FittedFoldIn | undefined> {
  const { manifest, store } = run
  const { kind, model } = optionsOf(run)
  if (kind.name !== blendKind.name) return undefined
  const part = (model as ChosenBlendOptions).parts.find(({ model }) => model === userAutoencoderKind.name)
  if (part === undefined) return undefined
  const { users, items } = run.extent
  const { state } = await readState(store, manifest.weights.path, kind.shapes(model, users, items))
  const alone = manifest.blend?.alone.find(({ model }) => model === part.model)
  const options = partOptions(part) as WeightedAutoencoderOptions
  return {
    weights: autoencoderTables(stateOfPart(part.model, state), items, options.hidden),
    options,
    epochs: part.epochs,
    metrics: alone === undefined ? null : { ndcg: alone['ndcg@10'], f1: alone['f1@10'] },
  }
}

interface Watch {
  progress: Progress
  signal: AbortSignal | undefined
}

/** The epoch with the best held-out NDCG@10. */
async function search(
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  settings: FoldInOptions,
  { progress, signal }: Watch,
): Promise<{ epoch: number; metrics: MetricsAtK }> {
  const engine = await FoldInEngine.create(ratings, settings)
  const looked = rowsOfSome(heldOut, lookedAtMax)
  let best: { epoch: number; metrics: MetricsAtK } | undefined
  progress.start('fold-in, search', searchEpochs)
  for (let epoch = 1; epoch <= searchEpochs; epoch++) {
    throwIfCancelled(signal)
    const loss = checkLoss(await engine.epoch(epoch), epoch)
    if (epoch % lookEvery === 0) {
      const evaluation = await evaluate(engine, ratings, { pairs: looked }, [10], () =>
        throwIfCancelled(signal),
      )
      const metrics = evaluation.metrics['10']
      if (best === undefined || metrics.ndcg > best.metrics.ndcg) best = { epoch, metrics }
      if (epoch - best.epoch >= patience) break
    }
    // The metric in the loss's place, once there is one: both would be cut off at 80 columns.
    progress.update(epoch, best ? `ndcg@10 ${best.metrics.ndcg.toFixed(4)}` : `loss ${loss.toFixed(0)}`)
    // An epoch holds this thread: without a turn of the event loop no Ctrl-C would ever be heard.
    await new Promise(setImmediate)
  }
  if (best === undefined) throw new Error('the search looked at no epoch')
  progress.end(`best epoch ${best.epoch}, held-out ndcg@10 ${best.metrics.ndcg.toFixed(4)}`)
  return best
}

async function fitWhole(
  ratings: CsrMatrix,
  settings: FoldInOptions,
  epochs: number,
  { progress, signal }: Watch,
): Promise<FoldInWeights> {
  const engine = await FoldInEngine.create(ratings, settings)
  progress.start('fold-in', epochs)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    throwIfCancelled(signal)
    progress.update(epoch, `loss ${checkLoss(await engine.epoch(epoch), epoch).toFixed(0)}`)
    await new Promise(setImmediate)
  }
  progress.end(`${epochs} epochs`)
  return engine.weights()
}

function checkLoss(loss: number, epoch: number): number {
  if (Number.isFinite(loss)) return loss
  throw new NightjarError('LOSS_NOT_FINITE', {
    what: `fold-in component, epoch ${epoch}: the loss is ${loss}`,
    why: 'training ran away on this data',
    fix: 'train with another --seed, or with --no-fold-in',
  })
}

/** The rows of at most so many users who have one, spread evenly; the others' are empty. */
function rowsOfSome(matrix: CsrMatrix, most: number): CsrMatrix {
  const having = Array.from({ length: matrix.rowCount }, (_, row) => row).filter(
    (row) => rowOf(matrix, row).length > 0,
  )
  const every = Math.ceil(having.length / most)
  const some = having.filter((_, n) => n % every === 0)
  return csrFromPairs(
    Uint32Array.from(some.flatMap((row) => Array.from(rowOf(matrix, row), () => row))),
    Uint32Array.from(some.flatMap((row) => [...rowOf(matrix, row)])),
    matrix.rowCount,
    matrix.columnCount,
  )
}

function writeFoldIn(run: Run, { items, hidden, ...arrays }: FoldInWeights) {
  const tensors = [
    { name: 'encoder', shape: [items, hidden], data: arrays.encoder },
    { name: 'hiddenBias', shape: [hidden], data: arrays.hiddenBias },
    { name: 'decoder', shape: [items, hidden], data: arrays.decoder },
    { name: 'outputBias', shape: [items], data: arrays.outputBias },
  ]
  return writeSafetensors(run.store, foldInPath, tensors, { model: 'fold-in' })
}

/**
 * The fold-in component of a run; undefined where it has none.
 *
 * @throws NightjarError SAFETENSORS, STATE_SHAPE where the file is damaged or of another run
 */
export async function readFoldIn(run: Run): Promise<FoldInWeights | undefined> {
  const { foldIn } = run.manifest
  if (foldIn === undefined) return undefined
  const { items } = run.extent
  const { hidden } = foldIn.config
  const { tensors } = await readSafetensors(run.store, foldIn.weights.path)
  const read = (name: string, length: number) => {
    const found = tensors.get(name)?.data
    if (found?.length === length) return found
    throw new NightjarError('STATE_SHAPE', {
      what: `${run.store.uri}/${foldIn.weights.path}: "${name}" holds ${found?.length ?? 'no'} numbers, the run wants ${length}`,
      why: 'the file belongs to another run',
      fix: `nightjar fold-in ${run.store.uri}`,
    })
  }
  return {
    items,
    hidden,
    encoder: read('encoder', items * hidden),
    hiddenBias: read('hiddenBias', hidden),
    decoder: read('decoder', items * hidden),
    outputBias: read('outputBias', items),
  }
}
