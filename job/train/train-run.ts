import { createHash } from 'node:crypto'
import { tableFromArrays } from 'apache-arrow'
import * as z from 'zod'
import { makeVersionId } from '../../shared/version-id.ts'
import type { Clock } from '../clock.ts'
import { writeArrowFile } from '../data/arrow-file.ts'
import { type CsrMatrix, intersection } from '../data/csr-matrix.ts'
import type { Dataset, DatasetExtent } from '../data/dataset.ts'
import type { VouchedFile } from '../data/dataset-manifest.ts'
import { readJsonFile, writeJsonFile } from '../data/json-file.ts'
import { readRatings } from '../data/rating-matrix.ts'
import { newestMoment, type RowRules, rowRules } from '../data/row-rules.ts'
import { openRun, type Run, runManifestPath } from '../data/run.ts'
import type { RunManifest } from '../data/run-manifest.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError } from '../errors.ts'
import { nightjarVersion } from '../nightjar-version.ts'
import type { Progress } from '../progress.ts'
import { rememberPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { Checkpoints } from './checkpoint.ts'
import { drawHoldout } from './holdout.ts'
import { writeState } from './state-file.ts'
import { checkOptions, flatten, settle, type TrainOptions } from './train-options.ts'
import { runTraining, shapesOf, type TrainingResult, withChosen } from './training.ts'
import { type EarlierRun, WarmStart, type WarmStartFacts } from './warm-start.ts'

export interface TrainRunOptions {
  dataset: Dataset
  /** Where the run is written. */
  store: Store
  options: TrainOptions
  engine: Engine
  /** Train on the dataset as it was when it ended here. */
  extent?: DatasetExtent
  /** In place of the one that is made of time and options. */
  versionId?: string
  /** A run whose weights the training begins with. */
  warmStart?: EarlierRun
  /** Rows to choose the epoch on, `[users, items]`, instead of drawn ones. */
  validation?: CsrMatrix
  /** Go on from the last checkpoint of an unfinished training. */
  resume: boolean
  /** Throw away what lies at `store` from an earlier training. */
  overwrite: boolean
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

const weightsPath = 'model/weights.safetensors'
const holdoutPath = 'model/holdout.arrow'

/**
 * Trains a model on a dataset and writes a run folder; its manifest comes last.
 *
 * @throws NightjarError RUN_EXISTS, RUN_UNFINISHED where something lies there already; NO_CHECKPOINT,
 *   CHECKPOINT_OTHER where there is nothing to resume, or something else; ROWS_* where no row is left;
 *   WARM_START_* where the earlier run does not fit
 */
export async function trainRun(input: TrainRunOptions): Promise<Run> {
  const { dataset, store, clock } = input
  const checkpoints = new Checkpoints(store)
  checkOptions(input.options)
  await makeRoom(input, checkpoints)
  const extent = input.extent ?? dataset.extent
  const datasetDigest = dataset.digestAt(extent)
  if (datasetDigest === undefined) throw new Error('the dataset never reached as far as that extent')
  const rules = await rowRules(dataset, extent, input.options)
  const ratings = await readRatings(dataset, extent, rules)
  if (ratings.columns.length === 0) throw noRows(dataset, extent, rules)
  const options = settle(input.options, ratings)
  const { holdout, seed, refit } = options.trainer
  const warm = input.warmStart && (await WarmStart.open(input.warmStart, options.kind, dataset, extent))
  const heldOut =
    input.validation ?? (holdout > 0 ? drawHoldout(ratings, holdout, seed, warm?.seen) : undefined)
  if (warm !== undefined && heldOut !== undefined) checkUnseen(warm, heldOut)
  const trainingDigest = digestOf([
    flatten(options),
    datasetDigest,
    heldOut && digestOf([...heldOut.columns]),
    rules,
    [...dataset.forgotten],
    warm?.digest,
  ])
  const startedAt = clock.now().toISOString()
  const resumeFrom = input.resume
    ? await checkpoints.load((chosen) => shapesOf({ options: withChosen(options, chosen), ratings }))
    : undefined
  if (resumeFrom !== undefined && resumeFrom.progress.trainingDigest !== trainingDigest) {
    throw new NightjarError('CHECKPOINT_OTHER', {
      what: `the checkpoint in ${store.uri} is of another training (digest ${resumeFrom.progress.trainingDigest.slice(0, 12)}..., this one is ${trainingDigest.slice(0, 12)}...)`,
      why: 'other options, another seed, or rows imported since',
      fix: 'resume with the options it began with, or begin anew with --overwrite',
    })
  }
  const trained = await runTraining({
    ...input,
    options,
    ratings,
    heldOut,
    warm,
    checkpoints,
    resumeFrom,
    trainingDigest,
    startedAt,
  })
  const fitted = { ...trained.state, memory: {} }
  const weights = await writeState(store, weightsPath, fitted, { model: options.kind.name })
  const manifest = describeRun(input, trained, {
    datasetDigest,
    extent,
    rules,
    warmStart: warm?.facts ?? null,
    versionId:
      input.versionId ?? makeVersionId(new Date(resumeFrom?.progress.startedAt ?? startedAt), trainingDigest),
    startedAt: resumeFrom?.progress.startedAt ?? startedAt,
    interactions: ratings.columns.length,
    weights: { path: weightsPath, rows: ratings.rowCount, ...weights },
    holdout: heldOut === undefined ? null : await writeHoldout(store, heldOut),
    refit: heldOut === undefined || refit,
    dataCutoff: await dataCutoff(dataset, extent),
  })
  await writeJsonFile(store, runManifestPath, manifest)
  await checkpoints.clear()
  return openRun(store)
}

/** What lies at the run's place already is kept, gone on from, or thrown away; never mixed with. */
async function makeRoom(
  { store, resume, overwrite }: TrainRunOptions,
  checkpoints: Checkpoints,
): Promise<void> {
  await refuseOtherFolder(store)
  const isFinished = (await store.size(runManifestPath)) !== undefined
  if (resume) {
    if (!isFinished && (await checkpoints.exists())) return
    throw new NightjarError('NO_CHECKPOINT', {
      what: `${store.uri} holds no unfinished training${isFinished ? ', but a finished run' : ''}`,
      fix: isFinished ? 'use the run, or train into another folder' : 'leave --resume out',
    })
  }
  const isUnfinished = !isFinished && (await checkpoints.exists())
  if (!isFinished && !isUnfinished) return
  if (!overwrite) {
    throw new NightjarError(isFinished ? 'RUN_EXISTS' : 'RUN_UNFINISHED', {
      what: `${store.uri} holds ${isFinished ? 'a finished run' : 'an unfinished training'} already`,
      fix: `${isFinished ? '' : '--resume to go on with it, '}another --out, or --overwrite to throw it away`,
    })
  }
  // The manifest first: from here on nothing vouches for the rest.
  await store.delete(runManifestPath)
  await store.delete('report.html')
  for (const folder of ['model/', 'checkpoints/', 'scores/']) {
    for (const { key } of await store.list(folder)) await store.delete(key)
  }
}

/** A manifest of another kind, a dataset's above all, is never written over. */
async function refuseOtherFolder(store: Store): Promise<void> {
  if ((await store.size(runManifestPath)) === undefined) return
  const { format } = await readJsonFile(
    store,
    runManifestPath,
    z.looseObject({ format: z.string() }),
    'RUN_PLACE',
  )
  if (format === 'nightjar-run') return
  throw new NightjarError('RUN_PLACE', {
    what: `${store.uri} holds something else than a run (${format})`,
    why: 'a run would be written over it',
    fix: 'another --out',
  })
}

function describeRun(
  { dataset, store, engine }: TrainRunOptions,
  trained: TrainingResult,
  facts: {
    datasetDigest: string
    extent: DatasetExtent
    rules: RowRules
    warmStart: WarmStartFacts | null
    versionId: string
    startedAt: string
    interactions: number
    weights: VouchedFile
    holdout: VouchedFile | null
    refit: boolean
    dataCutoff: string
  },
): RunManifest {
  const { since, minWeight } = facts.rules
  const { options } = trained
  const best = trained.curve.find((point) => point.phase === 'search' && point.epoch === trained.bestEpoch)
  return {
    format: 'nightjar-run',
    schemaVersion: 1,
    versionId: facts.versionId,
    model: options.kind.name,
    config: flatten(options),
    seed: options.trainer.seed,
    engine: { name: engine.name, threads: engine.threads, backend: engine.backend, device: engine.device },
    nightjar: nightjarVersion(),
    dataset: {
      uri: rememberPlace(store.uri, dataset.store.uri),
      digest: facts.datasetDigest,
      ...facts.extent,
      interactions: facts.interactions,
    },
    rows: { since: since === null ? null : new Date(since).toISOString(), minWeight },
    warmStart: facts.warmStart,
    dataCutoff: facts.dataCutoff,
    startedAt: facts.startedAt,
    epochs: { best: trained.bestEpoch, trained: trained.epochsTrained, refit: facts.refit },
    validation: best?.ndcg10 === undefined ? null : { 'ndcg@10': best.ndcg10, 'f1@10': best.f1At10 ?? 0 },
    curve: trained.curve,
    timingsMs: trained.timingsMs,
    weights: facts.weights,
    holdout: facts.holdout,
    ...(trained.findings !== undefined && { blend: trained.findings }),
    scores: null,
  }
}

async function writeHoldout(store: Store, heldOut: CsrMatrix): Promise<VouchedFile> {
  const users = new Uint32Array(heldOut.columns.length)
  for (let user = 0; user < heldOut.rowCount; user++) {
    users.fill(user, heldOut.rowOffsets[user], heldOut.rowOffsets[user + 1])
  }
  return writeArrowFile(store, holdoutPath, tableFromArrays({ user: users, item: heldOut.columns }))
}

/** Weights that were fitted on the held-out rows would find the first epoch the best, and praise it. */
function checkUnseen({ facts, seen }: WarmStart, heldOut: CsrMatrix): void {
  const known = intersection(heldOut, seen).columns.length
  if (known === 0 && heldOut.columns.length > 0) return
  throw new NightjarError('WARM_START_SEEN', {
    what:
      known === 0
        ? `${facts.versionId} has seen every row that could be held out to choose the epoch on`
        : `${facts.versionId} has seen ${known} of the ${heldOut.columns.length} rows to choose the epoch on`,
    why: 'a warm start needs rows that came after the earlier run, or weights are asked for what they were fitted on',
    fix: 'leave --warm-start out; or train a fixed number of epochs on all rows: --holdout 0 --epochs N',
  })
}

function noRows(dataset: Dataset, extent: DatasetExtent, { since, minWeight }: RowRules): NightjarError {
  const { uri } = dataset.store
  const rows = dataset.manifest.parts.slice(0, extent.parts).reduce((sum, part) => sum + part.rows, 0)
  if (rows === 0) {
    return new NightjarError('DATASET_EMPTY', { what: `${uri} holds no interactions`, fix: 'import some' })
  }
  const told = [
    since !== null && `since ${new Date(since).toISOString()}`,
    minWeight !== null && `of weight ${minWeight} or more`,
  ]
  return new NightjarError('ROWS_NONE', {
    what: `${uri} has ${rows} rows, but none ${told.filter(Boolean).join(' and ')}`,
    why: 'the window is shorter than the data is old, or no row weighs so much',
    fix: 'a longer --window, a lower --min-weight, or import newer rows with --append',
  })
}

/** How new the data is. ISO 8601. */
async function dataCutoff(dataset: Dataset, extent: DatasetExtent): Promise<string> {
  const newest = await newestMoment(dataset, extent)
  return newest === undefined ? '' : new Date(newest).toISOString()
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
