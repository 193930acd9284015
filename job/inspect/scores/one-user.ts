import { openArrow } from '../../data/arrow-batches.ts'
import { openDataset } from '../../data/dataset.ts'
import { NightjarError } from '../../errors.ts'
import { Catalogue, type NamedItem, scoreBatch } from '../../export/score-batch.ts'
import type { Store } from '../../store/store.ts'
import { findUser, type HistoryRow, historyOf } from '../user-history.ts'
import { catalogueOf, type ScoreSet } from './score-set.ts'

export interface UserReport {
  kind: 'user'
  place: string
  userId: string
  /** Newest first; null without a dataset. */
  history: (NamedItem & Pick<HistoryRow, 'weight' | 'time'>)[] | null
  /** Best first; null for a dataset alone, and for who has no list. */
  list: (NamedItem & { rank: number; score: number; isSeen: boolean })[] | null
}

/**
 * A user's history and list. Of the score files only the part is read that holds the user by the manifest; digests are not
 * looked at.
 *
 * @throws NightjarError UNKNOWN_USER
 */
export async function oneUserOfScores(set: ScoreSet, userId: string): Promise<UserReport> {
  const { dataset, place } = set
  const user = dataset && (await findUser(dataset, userId))
  const catalogue = await catalogueOf(set)
  const list = await findList(set, catalogue, userId, user)
  if (user === undefined && list === undefined) throw unknownUser(place, userId, 'scores')
  const rows = dataset !== undefined && user !== undefined ? await historyOf(dataset, user) : undefined
  const seen = new Set(rows?.map(({ item }) => item))
  return {
    ...{ kind: 'user', place, userId },
    history: rows?.reverse().map(({ item, ...row }) => ({ ...catalogue.named(item), ...row })) ?? null,
    list:
      list?.map(({ item, score }, n) => ({
        ...{ rank: n + 1, ...catalogue.named(item), score, isSeen: seen.has(item) },
      })) ?? null,
  }
}

/** A user's history in a dataset. @throws NightjarError UNKNOWN_USER */
export async function oneUserOfDataset(
  { place, store }: { place: string; store: Store },
  userId: string,
): Promise<UserReport> {
  const dataset = await openDataset(store)
  const user = await findUser(dataset, userId)
  if (user === undefined) throw unknownUser(place, userId, 'users')
  const catalogue = new Catalogue(await dataset.items())
  const rows = await historyOf(dataset, user)
  const history = rows.reverse().map(({ item, ...row }) => ({ ...catalogue.named(item), ...row }))
  return { kind: 'user', place, userId, history, list: null }
}

function unknownUser(place: string, userId: string, table: string): NightjarError {
  return new NightjarError('UNKNOWN_USER', {
    what: `${place} knows no user ${JSON.stringify(userId)}`,
    why: 'the id is spelled otherwise in the source, the user came later, or was forgotten',
    fix: `some ids: nightjar inspect ${place} --sql 'select user_id from ${table} limit 10'`,
  })
}

async function findList(
  { store, files }: ScoreSet,
  catalogue: Catalogue,
  userId: string,
  user: number | undefined,
): Promise<{ item: number; score: number }[] | undefined> {
  for (const { path, vouched } of files) {
    if (user !== undefined && vouched !== undefined && (user < vouched.firstUser || user > vouched.lastUser))
      continue
    const arrow = await openArrow(store, path)
    for (let index = 0; index < arrow.batchCount; index++) {
      const batch = scoreBatch(await arrow.read(index), catalogue)
      const row = batch.userIds.rowOf(userId)
      if (row < 0) continue
      const { offsets, items, scoreOffsets, scores } = batch
      const own = scores.subarray(scoreOffsets[row], scoreOffsets[row + 1])
      return Array.from(items.subarray(offsets[row], offsets[row + 1]), (item, n) => ({
        item,
        score: own[n],
      }))
    }
  }
  return undefined
}
