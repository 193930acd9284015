import { openRun } from '../data/run.ts'
import type { RunManifest } from '../data/run-manifest.ts'
import type { Store } from '../store/store.ts'
import { type Fault, FaultLog } from './fault.ts'
import { type FileFacts, lookAtFiles, type Watch } from './file-facts.ts'

export interface RunReport {
  kind: 'run'
  place: string
  manifest: RunManifest
  files: FileFacts[]
  faults: Fault[]
  notes: string[]
}

/** A run by its manifest, and whether its files are what that says. */
export async function surveyRun(
  { place, store }: { place: string; store: Store },
  watch: Watch,
  datasetUri?: string,
): Promise<RunReport> {
  const faults = new FaultLog()
  const run = await openRun(store)
  const { manifest } = run
  const vouched = [
    manifest.weights,
    ...(manifest.holdout === null ? [] : [manifest.holdout]),
    ...(manifest.foldIn === undefined ? [] : [manifest.foldIn.weights]),
    ...(manifest.scores?.parts ?? []),
  ]
  const files = await lookAtFiles(
    store,
    vouched.map((file) => ({ path: file.path, vouched: file })),
    faults,
    watch,
  )
  const notes: string[] = []
  try {
    await run.openDataset(datasetUri)
  } catch (error) {
    notes.push(`its dataset: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { kind: 'run', place, manifest, files, faults: faults.faults, notes }
}
