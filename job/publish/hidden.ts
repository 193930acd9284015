import {
  decodeHiddenItems,
  encodeHiddenItems,
  type HiddenItems,
  hiddenBytesMax,
  hiddenItemsMax,
  sortedIds,
} from '../../shared/hidden-items.ts'
import { hiddenKey } from '../../shared/kv-keys.ts'
import type { Clock } from '../clock.ts'
import { NightjarError, UsageError } from '../errors.ts'
import { commandAt, type KvTarget } from './kv-target.ts'
import { type LiveItems, notInLiveVersion } from './live-items.ts'

/** What `hide` did. */
export interface HideResult {
  /** Hidden now, and not before. */
  hidden: string[]
  alreadyHidden: string[]
  /** Which of the asked ids the served version does not know: they are hidden for the next. */
  live: LiveItems
  /** Everything that is hidden now. */
  items: string[]
  changedAt: string | null
}

/** What `unhide` did. */
export interface UnhideResult {
  unhidden: string[]
  /** Asked for, but they were not hidden. */
  notHidden: string[]
  /** Everything that is hidden still. */
  items: string[]
  changedAt: string | null
}

/**
 * What is hidden; nothing where nobody ever hid anything.
 *
 * @throws NightjarError KV_DAMAGED
 */
export async function readHidden(target: KvTarget): Promise<{ items: string[]; changedAt: string | null }> {
  const bytes = await target.get(hiddenKey)
  if (bytes === undefined) return { items: [], changedAt: null }
  const found = decodeHiddenItems(new TextDecoder().decode(bytes))
  if (found !== undefined) return found
  throw new NightjarError('KV_DAMAGED', {
    what: `${target.name}: the value of "${hiddenKey}" is not of the shape that nightjar writes`,
    why: 'it was written by hand, or by another version of nightjar; workers go on with what they read before it',
    fix: `${commandAt(target, 'nightjar unhide --all')}, then hide every item again`,
  })
}

/**
 * Takes items out of every answer, whatever version is served. Nothing is put where all of them are hidden
 * already.
 *
 * It reads the list and puts it back, so of two that run at the same time one may be lost.
 *
 * @param itemIds any ids, also such as no version knows
 * @throws UsageError for an empty id; NightjarError HIDDEN_TOO_MANY, HIDDEN_TOO_LARGE, KV_*
 */
export async function hide(target: KvTarget, clock: Clock, itemIds: readonly string[]): Promise<HideResult> {
  const asked = askedIds(itemIds)
  const before = await readHidden(target)
  const was = new Set(before.items)
  const hidden = asked.filter((id) => !was.has(id))
  // First what is urgent: what is told of the live version may fail.
  const after = hidden.length === 0 ? before : await write(target, clock, [...before.items, ...hidden])
  return {
    hidden,
    alreadyHidden: asked.filter((id) => was.has(id)),
    live: await notInLiveVersion(target, asked),
    ...after,
  }
}

/**
 * Lets items be answered again; nothing is put where none of them was hidden. `'all'` needs no readable list, so it
 * mends a damaged one.
 *
 * @throws UsageError for an empty id; NightjarError KV_*
 */
export async function unhide(
  target: KvTarget,
  clock: Clock,
  itemIds: readonly string[] | 'all',
): Promise<UnhideResult> {
  const before = await readHidden(target).catch((error: unknown) => {
    if (itemIds !== 'all' || !(error instanceof NightjarError) || error.code !== 'KV_DAMAGED') throw error
    return undefined
  })
  const was = new Set(before?.items)
  const asked = itemIds === 'all' ? [...was] : askedIds(itemIds)
  const unhidden = asked.filter((id) => was.has(id))
  const notHidden = asked.filter((id) => !was.has(id))
  if (before !== undefined && unhidden.length === 0) return { unhidden, notHidden, ...before }
  for (const id of unhidden) was.delete(id)
  return { unhidden, notHidden, ...(await write(target, clock, was)) }
}

function askedIds(itemIds: readonly string[]): string[] {
  if (itemIds.includes('')) throw new UsageError('invalid item: it is empty (want an item id)')
  return sortedIds(itemIds)
}

async function write(target: KvTarget, clock: Clock, itemIds: Iterable<string>): Promise<HiddenItems> {
  const after: HiddenItems = { items: sortedIds(itemIds), changedAt: clock.now().toISOString() }
  const fix = 'nightjar unhide what no version knows any more, or train without the rest'
  if (after.items.length > hiddenItemsMax) {
    throw new NightjarError('HIDDEN_TOO_MANY', {
      what: `${after.items.length} items would be hidden in ${target.name}, and there may be ${hiddenItemsMax}`,
      why: 'workers read the whole list every few seconds',
      fix,
    })
  }
  const value = encodeHiddenItems(after)
  if (value.byteLength > hiddenBytesMax) {
    throw new NightjarError('HIDDEN_TOO_LARGE', {
      what: `"${hiddenKey}" would be ${value.byteLength} bytes in ${target.name}, and may have ${hiddenBytesMax}`,
      why: 'ids of many characters; workers read the whole list every few seconds',
      fix,
    })
  }
  await target.putMany([{ key: hiddenKey, value }])
  return after
}
