import type { Dataset } from '../data/dataset.ts'
import { openRun, type Run } from '../data/run.ts'
import { NightjarError } from '../errors.ts'
import type { KvTarget } from '../publish/kv-target.ts'
import { readPointer } from '../publish/pointer.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace, resolvePlace } from '../store/place.ts'
import type { EarlierRun } from '../train/warm-start.ts'
import type { Night } from './night.ts'
import { type LiveVersion, type NightState, readNight } from './night-state.ts'

/**
 * The version that is served, and where its run lies; null where nothing was ever published. The run is looked for
 * among the nights, and then where it was published from, unless its place is given.
 *
 * @throws NightjarError NIGHT_LIVE_RUN where it is not there
 */
export async function findLive(
  target: KvTarget,
  runs: string,
  given: string | undefined,
): Promise<LiveVersion | null> {
  const pointer = await readPointer(target)
  if (pointer === undefined) return null
  const { current: versionId } = pointer
  const night = joinPlace(runs, versionId)
  const published = pointer.runs?.[versionId]
  const likely =
    published === undefined || published === resolvePlace('.', night) ? [night] : [night, published]
  const places = given === undefined ? likely : [given]
  for (const place of places) {
    const run = await runAt(place)
    if (run === undefined) continue
    if (run.manifest.versionId === versionId) return { versionId, run: place }
    throw new NightjarError('NIGHT_LIVE_RUN', {
      what: `${target.name} serves ${versionId}, and the run at ${place} is ${run.manifest.versionId}`,
      fix: 'name the run of the served version with --live-run',
    })
  }
  throw new NightjarError('NIGHT_LIVE_RUN', {
    what: `${target.name} serves ${versionId}, whose run is not at ${places.join(' nor at ')}`,
    why: 'it was published from another machine, or its folder was moved or deleted; the gate compares with its lists',
    fix: '--live-run PLACE, where that run lies',
  })
}

async function runAt(place: string): Promise<Run | undefined> {
  try {
    return await openRun(openStore(place))
  } catch (error) {
    if (!(error instanceof NightjarError)) throw error
    if (error.code === 'NOT_A_RUN') return undefined
    if (error.code !== 'RUN_MANIFEST') throw error
    throw new NightjarError('NIGHT_LIVE_RUN', {
      what: `the run of the served version is damaged: ${error.message}`,
      why: 'the gate compares with its lists',
      fix: 'restore its folder, name a copy with --live-run PLACE, or serve the version before: nightjar rollback',
      cause: error,
    })
  }
}

/** The live version's run, and what its night was told, if a night made it. */
export async function openLive(live: LiveVersion): Promise<{ run: Run; night: NightState | undefined }> {
  const store = openStore(live.run)
  return { run: await openRun(store), night: await readNight(store) }
}

/** The live version to begin a training with; undefined, and said, where its dataset is no longer the one that it knew. */
export async function earlierRun(
  night: Night,
  live: LiveVersion,
  dataset: Dataset,
): Promise<EarlierRun | undefined> {
  const { run } = await openLive(live)
  try {
    return { run, dataset: await run.openDataset(dataset.store.uri) }
  } catch (error) {
    if (!(error instanceof NightjarError && error.code === 'RUN_DATASET')) throw error
    night.tell(`no warm start: ${error.message}`, { event: 'nightly.cold' })
    return undefined
  }
}
