import { NightjarError, UsageError } from '../errors.ts'
import type { Dataset } from './dataset.ts'
import { readForgotten, writeForgotten } from './forgotten.ts'

/** What `forget` did in a dataset. */
export interface ForgetReport {
  /** Ids that are forgotten now, and were not before. */
  forgotten: string[]
  alreadyForgotten: string[]
  /** Asked for, but the dataset has no such user; empty unless those were allowed. */
  unknown: string[]
  /** Tombstones in the dataset now. */
  tombstones: number
}

/**
 * Puts tombstones for users: from the next command on that opens the dataset, nothing sees their rows or ids.
 * Their bytes stay until the dataset is compacted.
 *
 * It reads the tombstones and puts them back, so of two that run at the same time one may be lost.
 *
 * @param ifKnown whether ids that the dataset does not have are no error
 * @throws UsageError for an empty id; NightjarError FORGET_UNKNOWN, and then nobody is forgotten
 */
export async function forgetUsers(
  dataset: Dataset,
  userIds: readonly string[],
  ifKnown: boolean,
): Promise<ForgetReport> {
  if (userIds.includes('')) throw new UsageError('invalid user: it is empty (want a user id)')
  const asked = new Set(userIds)
  const indexes = new Map<string, number>()
  for (const [index, id] of (await dataset.storedUserIds()).entries()) {
    if (asked.has(id)) indexes.set(id, index)
  }
  const unknown = [...asked].filter((id) => !indexes.has(id))
  if (unknown.length > 0 && !ifKnown) {
    throw new NightjarError('FORGET_UNKNOWN', {
      what: `${dataset.store.uri} has no user ${unknown.map((id) => JSON.stringify(id)).join(', ')}; nobody was forgotten`,
      why: 'the id is spelled in another way, or it was forgotten before and the dataset compacted since',
      fix: 'look the id up in the source; or add --if-known, with which unknown ids are no error',
    })
  }
  const before = new Set(await readForgotten(dataset.store))
  const fresh = [...indexes].filter(([, index]) => !before.has(index))
  if (fresh.length > 0) {
    await writeForgotten(dataset.store, [...before, ...fresh.map(([, index]) => index)])
  }
  return {
    forgotten: fresh.map(([id]) => id),
    alreadyForgotten: [...indexes].filter(([, index]) => before.has(index)).map(([id]) => id),
    unknown,
    tombstones: before.size + fresh.length,
  }
}
