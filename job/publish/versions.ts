import type { CurrentPointer, VersionMeta } from '../../shared/version-meta.ts'
import type { Clock } from '../clock.ts'
import { NightjarError } from '../errors.ts'
import { commandAt, type KvTarget } from './kv-target.ts'
import { readMeta, readPointer, writePointer } from './pointer.ts'
import { isWhole } from './superseded.ts'

/** One published version, as `nightjar versions` lists it. */
export interface PublishedVersion {
  versionId: string
  current: boolean
  previous: boolean
  pinned: boolean
  /** Null where its description is missing. */
  meta: VersionMeta | null
}

/** What is in a store, last published first; undefined where nothing was ever published. */
export async function listVersions(
  target: KvTarget,
): Promise<{ pointer: CurrentPointer; versions: PublishedVersion[] } | undefined> {
  const pointer = await readPointer(target)
  if (pointer === undefined) return undefined
  const versions = await Promise.all(
    pointer.retained.map(async (versionId) => ({
      versionId,
      current: versionId === pointer.current,
      previous: versionId === pointer.previous,
      pinned: versionId === pointer.pinned,
      meta: (await readMeta(target, versionId)) ?? null,
    })),
  )
  return { pointer, versions }
}

/** What `rollback` and `unpin` answer. */
export interface PointerChange {
  /** What was served before. */
  from: string
  pointer: CurrentPointer
}

/**
 * Serves another version again, and by default pins it: later publications are put beside it until `unpin`.
 *
 * @param options.to the version; if not given, the one that was served before
 * @param options.pin false to let the next publication take over
 * @throws NightjarError NOTHING_PUBLISHED, NOTHING_TO_ROLL_BACK_TO, ALREADY_ROLLED_BACK, UNKNOWN_VERSION,
 *   VERSION_INCOMPLETE
 */
export async function rollback(
  target: KvTarget,
  clock: Clock,
  options: { to?: string; pin?: boolean } = {},
): Promise<PointerChange> {
  const before = await publishedPointer(target)
  const to = options.to ?? versionBefore(before, target)
  if (!before.retained.includes(to)) {
    throw new NightjarError('UNKNOWN_VERSION', {
      what: `unknown version: ${to} (${target.name} has ${before.retained.join(', ')})`,
      fix: commandAt(target, 'nightjar versions'),
    })
  }
  const meta = await readMeta(target, to)
  if (meta === undefined || !(await isWhole(target, meta))) {
    throw new NightjarError('VERSION_INCOMPLETE', {
      what: `${to} is no longer whole in ${target.name}`,
      why: 'its deletion was begun by a publication that failed afterwards',
      fix: `roll back to another version (${commandAt(target, 'nightjar versions')} lists them), or publish its run again`,
    })
  }
  const flips = to !== before.current
  const pointer: CurrentPointer = {
    ...before,
    current: to,
    previous: flips ? before.current : before.previous,
    pinned: (options.pin ?? true) ? to : null,
    publishedAt: flips ? clock.now().toISOString() : before.publishedAt,
  }
  await writePointer(target, pointer)
  return { from: before.current, pointer }
}

/**
 * Takes the pin away: what is served stays, and the next publication takes over.
 *
 * @throws NightjarError NOTHING_PUBLISHED
 */
export async function unpin(target: KvTarget): Promise<PointerChange> {
  const before = await publishedPointer(target)
  const pointer = { ...before, pinned: null }
  if (before.pinned !== null) await writePointer(target, pointer)
  return { from: before.current, pointer }
}

async function publishedPointer(target: KvTarget): Promise<CurrentPointer> {
  const pointer = await readPointer(target)
  if (pointer !== undefined) return pointer
  throw new NightjarError('NOTHING_PUBLISHED', {
    what: `nothing is published in ${target.name}`,
    fix: `nightjar publish RUN --to ${target.place ?? 'local'}`,
  })
}

function versionBefore(pointer: CurrentPointer, target: KvTarget): string {
  const others = pointer.retained.filter((versionId) => versionId !== pointer.current)
  if (pointer.previous === null || others.length === 0) {
    throw new NightjarError('NOTHING_TO_ROLL_BACK_TO', {
      what: `${target.name} has never served another version than ${pointer.current}`,
      ...(others.length === 0
        ? {}
        : { fix: `${commandAt(target, 'nightjar rollback --to VERSION')}, one of ${others.join(', ')}` }),
    })
  }
  // After a rollback "the one before" is the bad one: going there by the same command again would be a trap.
  if (pointer.pinned !== null) {
    throw new NightjarError('ALREADY_ROLLED_BACK', {
      what: `${pointer.pinned} is pinned, and the version served before it is ${pointer.previous}`,
      why: 'it was rolled back to already',
      fix: `name the version: ${commandAt(target, 'nightjar rollback --to VERSION')}, one of ${others.join(', ')}`,
    })
  }
  return pointer.previous
}
