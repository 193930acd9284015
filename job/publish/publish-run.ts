import type { CurrentPointer, VersionMeta } from '../../shared/version-meta.ts'
import type { Clock } from '../clock.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Run } from '../data/run.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { resolvePlace } from '../store/place.ts'
import { historyMax } from './histories.ts'
import type { KvTarget } from './kv-target.ts'
import { readMeta, readPointer, writePointer } from './pointer.ts'
import { deleteSuperseded } from './superseded.ts'
import { VersionWriter } from './version-writer.ts'
import { openVersionSource, writeVersion } from './write-version.ts'

export interface PublishOptions {
  /** How many versions stay, beside the one that is served, the one before it and a pinned one; 3 if not given. */
  keep?: number
  /** Whether users' histories go along; true if not given. Without them they can be shown to nobody. */
  withHistories?: boolean
  /** Memory for the rows of one pass over the score files; 256 MB if not given. */
  passBytes?: number
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

export interface PublishResult {
  versionId: string
  /** False where a pin keeps another version served. */
  served: boolean
  pinned: string | null
  /** What was served before this one; null for the first. */
  previous: string | null
  /** Whether this version was there before, with the same lists. */
  alreadyPublished: boolean
  userBucketCount: number
  itemBucketCount: number
  keys: number
  bytes: number
  /** Superseded versions whose keys were deleted. */
  deleted: string[]
}

/**
 * Publishes a run's lists: every key of its version first, then the pointer `current` in one put.
 *
 * Until that put nobody reads any of the version's keys (a look-up of a missing key would be cached), and a
 * failure before it takes back what was put. Where a version is pinned it stays served: the new one is put
 * beside it. A version that is there already is written again, with the same bytes, which mends it if need be.
 *
 * @param dataset the one that the run was trained on
 * @throws NightjarError NO_SCORES, SCORES_*, ARROW_*, VERSION_CHANGED, KV_*; CancelledError
 */
export async function publishRun(
  run: Run,
  dataset: Dataset,
  target: KvTarget,
  options: PublishOptions,
): Promise<PublishResult> {
  const { keep = 3, passBytes = 256_000_000, withHistories = true, clock, progress, signal } = options
  const source = await openVersionSource(run, dataset, withHistories)
  const { versionId } = source.meta
  const before = await readPointer(target)
  const alreadyPublished = before?.retained.includes(versionId) ?? false
  if (alreadyPublished) Object.assign(source.meta, await bucketCountsOf(target, source.meta))

  const writer = new VersionWriter(target, signal)
  let meta: VersionMeta
  let pointer: CurrentPointer | undefined
  try {
    meta = await writeVersion(source, writer, passBytes, progress)
    await writer.verify()
    throwIfCancelled(signal)
    pointer = pointerAfter(before, run, clock)
    await writePointer(target, pointer)
  } catch (error) {
    if (pointer !== undefined && mayHaveArrived(error)) {
      progress.note(`${versionId} may be served all the same, so its keys stay; publish the run again`)
    } else if (!alreadyPublished) await takeBack(target, writer, versionId, progress)
    // Ctrl-C may reach the store's own process first, which then fails in some way of its own.
    throwIfCancelled(signal)
    throw error
  }
  return {
    versionId,
    served: pointer.current === versionId,
    pinned: pointer.pinned,
    previous: pointer.previous,
    alreadyPublished,
    userBucketCount: meta.userBucketCount,
    itemBucketCount: meta.itemBucketCount,
    keys: writer.keys,
    bytes: writer.bytes,
    deleted: await deleteSuperseded(target, pointer, keep, progress),
  }
}

/**
 * In how many buckets the version lies already: writing it again must meet the same keys.
 *
 * @throws NightjarError VERSION_CHANGED where it was published with other lists
 */
async function bucketCountsOf(target: KvTarget, meta: VersionMeta): Promise<Partial<VersionMeta>> {
  const published = await readMeta(target, meta.versionId)
  if (published === undefined) return {}
  if ((published.historyMax ?? historyMax) !== meta.historyMax) {
    const [was, flag] =
      published.historyMax === 0 ? ['without', 'with --no-history'] : ['with', 'without --no-history']
    throw new NightjarError('VERSION_CHANGED', {
      what: `${meta.versionId} is published already, ${was} histories`,
      why: 'workers cache a version, so what it holds must never change',
      fix: `publish it again ${flag}, or train a new run`,
    })
  }
  if (published.digest !== meta.digest) {
    throw new NightjarError('VERSION_CHANGED', {
      what:
        `${meta.versionId} is published already, with other lists ` +
        `(k ${published.k}, digest ${published.digest.slice(0, 12)}...; this run has k ${meta.k}, digest ${meta.digest.slice(0, 12)}...)`,
      why: 'the run was exported again since; workers cache a version, so its lists must never change',
      fix: `export it as it was published (nightjar export RUN --k ${published.k}), or train a new run`,
    })
  }
  if (published.foldIn?.digest !== meta.foldIn?.digest) {
    throw new NightjarError('VERSION_CHANGED', {
      what: `${meta.versionId} is published already, ${published.foldIn === undefined ? 'without a' : 'with another'} fold-in component`,
      why: 'it was trained since; workers cache a version, so nothing of it may change',
      fix: 'train a new run',
    })
  }
  return { userBucketCount: published.userBucketCount, itemBucketCount: published.itemBucketCount }
}

function pointerAfter(before: CurrentPointer | undefined, run: Run, clock: Clock): CurrentPointer {
  const { versionId } = run.manifest
  const publishedAt = clock.now().toISOString()
  const runs = { ...before?.runs, [versionId]: resolvePlace('.', run.store.uri) }
  if (before === undefined) {
    return { current: versionId, previous: null, pinned: null, retained: [versionId], runs, publishedAt }
  }
  const retained = before.retained.includes(versionId) ? before.retained : [versionId, ...before.retained]
  if (before.pinned !== null || before.current === versionId) return { ...before, retained, runs }
  return { current: versionId, previous: before.current, pinned: null, retained, runs, publishedAt }
}

/** Whether the store may have done what it did not answer to. Then nothing may be taken from under the pointer. */
function mayHaveArrived(error: unknown): boolean {
  return error instanceof NightjarError && ['KV_UNREACHABLE', 'CANCELLED'].includes(error.code)
}

/** Deletes what a failed publication put, unless its last put arrived all the same and it is published. */
async function takeBack(
  target: KvTarget,
  writer: VersionWriter,
  versionId: string,
  progress: Progress,
): Promise<void> {
  try {
    const now = await readPointer(target)
    if (now?.retained.includes(versionId) !== true) await writer.takeBack()
  } catch {
    progress.note(`could not delete what was put of ${versionId}; publishing the run again overwrites it`)
  }
}
