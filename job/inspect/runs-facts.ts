import * as z from 'zod'
import { readJsonFile } from '../data/json-file.ts'
import { nightStatePath, openRun, runManifestPath } from '../data/run.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { type NightState, readNight } from '../nightly/night-state.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { type Fault, FaultLog } from './fault.ts'
import type { Watch } from './file-facts.ts'

/** A run that lies in a folder of runs, or a night that came to none. */
export interface RunRow {
  /** Its folder. */
  name: string
  /** ISO 8601. */
  startedAt: string
  model: string
  /** NDCG@10 on the rows that its search held out; null where there was none. */
  ndcg10: number | null
  /** Length of its lists; null where it was not exported. */
  k: number | null
  /** How its night ended, `forced` where it was published in spite of the gate; null for a run that no night made. */
  outcome: NonNullable<NightState['outcome']>['kind'] | 'forced' | 'unfinished' | 'unreadable' | null
  /** That in words. */
  why: string | null
}

export interface RunsReport {
  kind: 'runs'
  place: string
  /** The newest first. */
  runs: RunRow[]
  faults: Fault[]
  notes: string[]
}

/** Manifests that are read at once: a bucket answers each in tens of milliseconds. */
const readAtOnce = 16

/** A run's or a night's file in a folder of runs; its folder is the first group. */
const ownFile = new RegExp(`^([^/]+)/(?:${runManifestPath}|${nightStatePath})$`)

/** Folders that may hold a run or a night, by the files in them. */
export function runFolders(files: readonly { key: string }[]): string[] {
  return [...new Set(files.flatMap(({ key }) => ownFile.exec(key)?.[1] ?? []))]
}

/**
 * Every run and every night of a folder, by their manifests alone.
 *
 * @throws NightjarError UNKNOWN_KIND where none of its folders is one
 */
export async function surveyRuns(
  { place, folders }: { place: string; folders: readonly string[] },
  { progress, signal }: Watch,
): Promise<RunsReport> {
  const faults = new FaultLog()
  const runs: RunRow[] = []
  const datasets: string[] = []
  progress.start('runs', folders.length, { unit: 'runs' })
  for (let first = 0; first < folders.length; first += readAtOnce) {
    throwIfCancelled(signal)
    const names = folders.slice(first, first + readAtOnce)
    const found = await Promise.all(
      names.map((name) => rowOf(name, openStore(joinPlace(place, name)), faults)),
    )
    for (const [n, row] of found.entries()) {
      if (row === 'dataset') datasets.push(joinPlace(place, names[n]))
      else if (row !== undefined) runs.push(row)
    }
    progress.update(Math.min(folders.length, first + readAtOnce))
  }
  progress.end()
  if (runs.length === 0) {
    throw new NightjarError('UNKNOWN_KIND', {
      what: `${place} holds neither files nor runs`,
      fix: `nightjar inspect ${datasets[0] ?? 'PLACE'}`,
    })
  }
  runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  const notes = datasets.map((dataset) => `a dataset lies there as well: nightjar inspect ${dataset}`)
  return { kind: 'runs', place, runs, faults: faults.faults, notes }
}

/** @returns undefined for what is neither a run nor a night */
async function rowOf(name: string, store: Store, faults: FaultLog): Promise<RunRow | 'dataset' | undefined> {
  let row: RunRow = { name, ...unreadable }
  try {
    const night = await readNight(store)
    if (night !== undefined) row = { ...row, ...withoutRun(night) }
    if ((await store.size(runManifestPath)) === undefined) {
      const wasPublished = row.outcome === 'published' || row.outcome === 'forced'
      if (wasPublished)
        faults.add('FILE_MISSING', () => `${name}/${runManifestPath}, of a night that was published`)
      return night && row
    }
    const { format } = await readJsonFile(store, runManifestPath, anyManifest, 'MANIFEST')
    if (format === 'nightjar-dataset') return 'dataset'
    const { startedAt, model, validation, scores } = (await openRun(store)).manifest
    const ndcg10 = validation?.['ndcg@10'] ?? null
    return {
      ...row,
      outcome: night === undefined ? null : row.outcome,
      startedAt,
      model,
      ndcg10,
      k: scores?.k ?? null,
    }
  } catch (error) {
    if (!(error instanceof NightjarError)) throw error
    faults.add('UNREADABLE', () => error.message)
    return { ...row, outcome: 'unreadable' }
  }
}

const unreadable = {
  startedAt: '',
  model: '-',
  ndcg10: null,
  k: null,
  outcome: 'unreadable',
  why: null,
} as const

const anyManifest = z.looseObject({ format: z.unknown().optional() })

function withoutRun({ startedAt, configuration, searched, outcome, gate }: NightState) {
  const model = String(configuration.train.model)
  const end = outcome?.kind === 'published' && gate?.forced ? 'forced' : (outcome?.kind ?? 'unfinished')
  const ndcg10 = searched?.validation?.['ndcg@10'] ?? null
  return { startedAt, model, ndcg10, outcome: end, why: outcome?.why ?? null } as const
}
