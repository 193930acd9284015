import type { ScorePart } from '../data/run-manifest.ts'
import { NightjarError } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { type Lists, listedUsers } from './lists.ts'
import type { PartPlace } from './part-places.ts'
import { damagedParts } from './verify-parts.ts'

/**
 * The parts of an export that the manifest vouches for, where it is the one that is wanted: then there is nothing left to
 * do. Undefined where there is none.
 *
 * @param places whose files are looked at
 * @throws NightjarError EXPORTED where it is another one: a shard must not write over what a manifest vouches for, and
 *   must not change the manifest, for others are at work beside it
 */
export async function standingParts(
  lists: Lists,
  places: readonly PartPlace[],
  watch: { progress: Progress; signal?: AbortSignal },
): Promise<ScorePart[] | undefined> {
  const { run } = lists
  const { scores } = run.manifest
  if (scores === null) return undefined
  const fail = (why: string): never => {
    throw new NightjarError('EXPORTED', {
      what: `${run.store.uri} was exported at ${scores.exportedAt}, and that is not what is wanted now: ${why}`,
      why: 'an export in shards does not replace another one: its jobs run side by side, and none of them may disown what the others still read',
      fix: `nightjar export ${run.store.uri} --discard   (then the shards again)`,
    })
  }
  if (scores.k !== lists.k) return fail(`its k is ${scores.k}, want ${lists.k}`)
  if (scores.includeSeen !== lists.includeSeen)
    return fail(`known items are ${scores.includeSeen ? '' : 'not '}in its lists`)
  if (scores.parts.map(told).join() !== lists.places.map((place) => wanted(lists, place)).join())
    return fail('its parts hold other users')
  const paths = new Set(places.map(({ path }) => path))
  const parts = scores.parts.filter(({ path }) => paths.has(path))
  const [damaged] = await damagedParts(run.store, parts, watch)
  return damaged === undefined ? parts : fail(damaged.reason)
}

function told({ path, firstUser, lastUser, rows }: ScorePart): string {
  return `${path} ${firstUser} ${lastUser} ${rows}`
}

function wanted(lists: Lists, place: PartPlace): string {
  return `${place.path} ${place.first} ${place.end - 1} ${listedUsers(lists, place).length}`
}
