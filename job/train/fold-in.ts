import { foldInItemsMax } from '../../shared/fold-in-part.ts'
import type { Clock } from '../clock.ts'
import { type CsrMatrix, csrFromPairs, rowOf, without } from '../data/csr-matrix.ts'
import type { Dataset } from '../data/dataset.ts'
import { writeJsonFile } from '../data/json-file.ts'
import { openRun, type Run, runManifestPath } from '../data/run.ts'
import type { FoldInWeights } from '../engine/fold-in/fold-in-weights.ts'
import { wasmEngine } from '../engine/wasm/wasm-engine.ts'
import { NightjarError } from '../errors.ts'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import { blendKind, type ChosenBlendOptions, partOptions, stateOfPart } from '../models/blend.ts'
import type { FitState, Model } from '../models/model.ts'
import {
  autoencoderTables,
  userAutoencoderKind,
  type WeightedAutoencoderOptions,
} from '../models/weighted-autoencoder.ts'
import type { Progress } from '../progress.ts'
import { type BestEpoch, type EpochLooks, searchBestEpoch } from './best-epoch.ts'
import { fitEpochs } from './fit-epochs.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { readState } from './state-file.ts'
import { optionsOf } from './trained-model.ts'

/** It is searched for as the model that it is. */
const looks: EpochLooks = { epochs: 150, evalEvery: 5, patience: 20, ...userAutoencoderKind.training }

const resumeHint = 'the run stays as it was; its model can be used without (--no-fold-in)'

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
  options: WeightedAutoencoderOptions
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
  const options = userAutoencoderKind.settle(userAutoencoderKind.defaults, ratings)
  const reduced = without(ratings, heldOut)
  const create = (rows: CsrMatrix) =>
    userAutoencoderKind.create({ options, ratings: rows, seed, engine: wasmEngine, threads: 1 })
  const best =
    heldOut.columns.length === 0 ? undefined : await search(await create(reduced), reduced, heldOut, watch)
  const epochs = best?.epoch ?? usualEpochs
  const state = await fitWhole(await create(refit ? ratings : reduced), epochs, watch)
  const weights = autoencoderTables(state, ratings.columnCount, options.hidden)
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

async function search(
  model: Model,
  ratings: CsrMatrix,
  heldOut: CsrMatrix,
  watch: Watch,
): Promise<BestEpoch> {
  const { progress } = watch
  const rows = { ratings, heldOut: rowsOfSome(heldOut, lookedAtMax) }
  let told: string | undefined
  try {
    const best = await searchBestEpoch(model, rows, looks, { ...watch, label: 'fold-in, search', resumeHint })
    told = `best epoch ${best.epoch}, held-out ndcg@10 ${best.metrics.ndcg.toFixed(4)}`
    return best
  } finally {
    progress.end(told)
    model.close()
  }
}

async function fitWhole(model: Model, epochs: number, { progress, signal }: Watch): Promise<FitState> {
  progress.start('fold-in', epochs, { unit: 'epochs' })
  try {
    await fitEpochs({
      ...{ model, epochsDone: 0, epochs, resumeHint },
      ...(signal === undefined ? {} : { signal }),
      onStep: ({ epoch, step, steps, loss }) =>
        progress.update(epoch - 1 + step / steps, `loss ${(loss * (steps / step)).toFixed(0)}`),
      afterEpoch: async () => false,
    })
    progress.end(`${epochs} epochs`)
    return await model.state()
  } finally {
    model.close()
  }
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
