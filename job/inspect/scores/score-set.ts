import { openArrow } from '../../data/arrow-batches.ts'
import { type Dataset, openDataset } from '../../data/dataset.ts'
import { openRun, type Run } from '../../data/run.ts'
import type { ScorePart } from '../../data/run-manifest.ts'
import { NightjarError } from '../../errors.ts'
import { Catalogue, isScoreSchema, type ScoreBatch, scoreBatch } from '../../export/score-batch.ts'
import { originOf, type ScoreOrigin } from '../../export/score-table.ts'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { FaultLog } from '../fault.ts'
import { runAbove, type Subject } from '../subject.ts'

/** A score file; without `vouched` where no manifest names it. */
export interface ScoreFile {
  path: string
  vouched?: ScorePart
}

/** Score files with what is known of them: their run and its dataset, as far as these can be found. */
export interface ScoreSet {
  place: string
  store: Store
  files: ScoreFile[]
  /** Not where one file of several was named. */
  isWhole: boolean
  run?: Run
  /** As much of it as the run was trained on. */
  dataset?: Dataset
  faults: FaultLog
  /** What could not be looked at, and other things to know that are no faults. */
  notes: string[]
}

/**
 * Finds a score subject's run (the folder above `scores/`) and dataset. A dataset that is not there is noted; one that is
 * another than the run was trained on is a fault.
 *
 * @param datasetUri where the dataset lies, for lists that have no run or whose dataset was moved
 * @throws NightjarError NO_SCORES for a run without lists; as `openDataset` where `datasetUri` was given
 */
export async function openScores(
  subject: Subject & { kind: 'run' | 'scores' },
  datasetUri?: string,
): Promise<ScoreSet> {
  const set = subject.kind === 'run' ? await scoresOfRun(subject) : await scoresOfFiles(subject)
  const dataset = await findDataset(set, datasetUri)
  return { ...set, ...(dataset && { dataset }) }
}

/** The dataset's items, or none: then the catalogue is what the files name. */
export async function catalogueOf({ dataset }: ScoreSet): Promise<Catalogue> {
  return new Catalogue(await dataset?.items(dataset.extent))
}

/**
 * Every batch of every file, in order, one in memory at a time. A file that cannot be read, is of another form or says that
 * it was made from other weights or another dataset than its run's is a fault.
 */
export async function* scoreBatches(
  set: ScoreSet,
  catalogue: Catalogue,
): AsyncGenerator<{ file: ScoreFile; batch: ScoreBatch }> {
  for (const file of set.files) {
    if ((await set.store.size(file.path)) === undefined) continue
    try {
      const arrow = await openArrow(set.store, file.path)
      if (!isScoreSchema(arrow.schema)) throw new Error('it has not the columns of a score file')
      checkOrigin(set, file, originOf(arrow.schema))
      for (let index = 0; index < arrow.batchCount; index++) {
        yield { file, batch: scoreBatch(await arrow.read(index), catalogue) }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      set.faults.add('UNREADABLE', () => `${file.path}: ${reason}`)
    }
  }
}

async function scoresOfRun({ place, store }: Subject): Promise<ScoreSet> {
  const run = await openRun(store)
  const { scores } = run.manifest
  if (scores === null) {
    throw new NightjarError('NO_SCORES', {
      what: `${place} has no lists to look at`,
      why: 'the run was trained, but not exported; or its shards were not merged',
      fix: `nightjar export ${place} --k 100`,
    })
  }
  const files = scores.parts.map((vouched) => ({ path: vouched.path, vouched }))
  const told = new Set(files.map(({ path }) => path))
  const more = (await store.list('scores/')).filter(({ key }) => !told.has(key))
  const notes = more.length === 0 ? [] : [`${more.length} files in scores/ are not named by the manifest`]
  return { place, store, files, isWhole: true, run, faults: new FaultLog(), notes }
}

async function scoresOfFiles(subject: Subject & { kind: 'scores' }): Promise<ScoreSet> {
  const { place, store, keys, isWhole } = subject
  const run = await runAbove(store)
  const loose = { place, store, files: keys.map((path) => ({ path })), isWhole, faults: new FaultLog() }
  if (run === undefined)
    return { ...loose, notes: ['no run is above this folder: nothing vouches for the files'] }
  const named = new Map(run.manifest.scores?.parts.map((part) => [part.path, part]))
  if (isWhole && named.size > 0) return { ...(await scoresOfRun({ kind: 'run', place, store: run.store })) }
  const files = keys.map((key): ScoreFile => {
    const vouched = named.get(`scores/${key}`)
    return { path: `scores/${key}`, ...(vouched && { vouched }) }
  })
  const strangers = files.filter(({ vouched }) => vouched === undefined).length
  const notes = strangers === 0 ? [] : [`the run's manifest does not name ${strangers} of these files`]
  return { ...loose, store: run.store, files, run, notes }
}

async function findDataset(set: ScoreSet, uri: string | undefined): Promise<Dataset | undefined> {
  const { run, notes, faults } = set
  if (run === undefined) return uri === undefined ? undefined : openDataset(openStore(uri))
  try {
    const dataset = await run.openDataset(uri)
    const since = dataset.extent.parts - run.extent.parts
    if (since > 0)
      notes.push(`the dataset has grown by ${since} part${since === 1 ? '' : 's'} since the training`)
    return dataset.at(run.extent)
  } catch (error) {
    if (!(error instanceof NightjarError) || uri !== undefined) throw error
    if (error.code === 'RUN_DATASET') faults.add('STALE_VERSION', () => error.message)
    else notes.push(`the dataset could not be opened (${error.message}): pass it with --dataset`)
    return undefined
  }
}

function checkOrigin({ run, faults }: ScoreSet, { path }: ScoreFile, origin: ScoreOrigin | undefined): void {
  if (run === undefined || origin === undefined) return
  const { weights, dataset } = run.manifest
  const told = [
    ['weights', origin.weights, weights.sha256],
    ['dataset', origin.dataset, dataset.digest],
  ]
  for (const [of, found, wanted] of told) {
    if (found === wanted) continue
    faults.add(
      'STALE_VERSION',
      () => `${path}: made from the ${of} ${found.slice(0, 12)}..., the run has ${wanted.slice(0, 12)}...`,
    )
    return
  }
}
