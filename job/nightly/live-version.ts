import type { Dataset } from '../data/dataset.ts'
import { openRun, type Run } from '../data/run.ts'
import { NightjarError } from '../errors.ts'
import type { KvTarget } from '../publish/kv-target.ts'
import { readPointer } from '../publish/pointer.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'
import type { EarlierRun } from '../train/warm-start.ts'
import type { Night } from './night.ts'
import { type LiveVersion, type NightState, readNight } from './night-state.ts'

/** The version that is served, and where its run lies; null where nothing was ever published. */
export async function findLive(
  target: KvTarget,
  runs: string,
  liveRun: string | undefined,
): Promise<LiveVersion | null> {
  const pointer = await readPointer(target)
  if (pointer === undefined) return null
  const { current: versionId } = pointer
  const place = liveRun ?? joinPlace(runs, versionId)
  const run = await openRun(openStore(place)).catch((cause: unknown) => {
    if (!(cause instanceof NightjarError && cause.code === 'NOT_A_RUN')) throw cause
    throw new NightjarError('NIGHT_LIVE_RUN', {
      what: `${target.name} serves ${versionId}, whose run is not at ${place}`,
      why: 'it was published from elsewhere, or its folder was deleted; the gate compares with its lists',
      fix: '--live-run PLACE, where that run lies',
      cause,
    })
  })
  if (run.manifest.versionId !== versionId) {
    throw new NightjarError('NIGHT_LIVE_RUN', {
      what: `${target.name} serves ${versionId}, and the run at ${place} is ${run.manifest.versionId}`,
      fix: 'name the run of the served version with --live-run',
    })
  }
  return { versionId, run: place }
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
