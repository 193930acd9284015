import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { createApp } from '../../edge/app.ts'
import type { AppEnv } from '../../edge/env.ts'
import { encodeHiddenItems, sortedIds } from '../../shared/hidden-items.ts'
import { encodeItemBucket } from '../../shared/item-bucket.ts'
import {
  bucketOf,
  currentKey,
  hiddenKey,
  itemBucketKey,
  metaKey,
  popularKey,
  userBucketKey,
} from '../../shared/kv-keys.ts'
import { encodeUserBucket } from '../../shared/user-bucket.ts'
import type { CurrentPointer, ItemRow, UserRow, VersionMeta } from '../../shared/version-meta.ts'

export const first = '20260422T031500Z-aaaaaa'
export const second = '20260423T031500Z-bbbbbb'

/** Twelve items; the seventh has no title, every third no category. */
export const catalogue: ItemRow[] = Array.from({ length: 12 }, (_, i) => ({
  itemId: `item/${i}`,
  title: i === 6 ? '' : `Title ${i}`,
  category: ['tea', 'pottery', ''][i % 3] as string,
  count: 100 - i,
  // The next items, and round.
  similar: Array.from({ length: 11 }, (_, n) => `item/${(i + n + 1) % 12}`),
  similarScores: Array.from({ length: 11 }, (_, n) => 1 - n / 16),
}))

/** A user's row with every item of the catalogue, from `start` on and round. */
export function userRow(userId: string, start = 0, history: string[] = []): UserRow {
  const itemIds = catalogue.map((_, i) => catalogue[(start + i) % catalogue.length]?.itemId ?? '')
  return { userId, itemIds, scores: itemIds.map((_, i) => 2 - i / 16), history }
}

/** Puts a whole version into the KV, as `nightjar publish` does; it is not served before `point`. */
export async function putVersion(versionId: string, users: UserRow[], changes: Partial<VersionMeta> = {}) {
  const meta: VersionMeta = {
    versionId,
    digest: 'd'.repeat(64),
    model: 'jca',
    dataCutoff: '2026-04-22T00:00:00.000Z',
    trainedAt: '2026-04-23T03:15:00.000Z',
    users: users.length,
    items: catalogue.length,
    k: catalogue.length,
    userBucketCount: 4,
    itemBucketCount: 2,
    metrics: { ndcg10: 0.25 },
    ...changes,
  }
  const lists = env.LISTS
  for (let bucket = 0; bucket < meta.userBucketCount; bucket++) {
    const rows = users.filter((row) => bucketOf(row.userId, meta.userBucketCount) === bucket)
    await lists.put(userBucketKey(versionId, bucket), encodeUserBucket(rows))
  }
  for (let bucket = 0; bucket < meta.itemBucketCount; bucket++) {
    const rows = catalogue.filter((row) => bucketOf(row.itemId, meta.itemBucketCount) === bucket)
    await lists.put(itemBucketKey(versionId, bucket), encodeItemBucket(rows))
  }
  const popular = catalogue.map(({ itemId, title, count }) => ({ itemId, title, count }))
  await lists.put(popularKey(versionId), JSON.stringify(popular))
  await lists.put(metaKey(versionId), JSON.stringify(meta))
  return meta
}

/** Lets `current` name a version. */
export async function point(current: string, previous: string | null = null): Promise<void> {
  const pointer: CurrentPointer = {
    current,
    previous,
    pinned: null,
    retained: previous === null ? [current] : [current, previous],
    publishedAt: '2026-04-23T04:00:00.000Z',
  }
  await env.LISTS.put(currentKey, JSON.stringify(pointer))
}

/** Lets `hidden` name items, as `nightjar hide` does. */
export async function hideItems(...itemIds: string[]): Promise<void> {
  const changedAt = '2026-04-23T05:00:00.000Z'
  await env.LISTS.put(hiddenKey, encodeHiddenItems({ items: sortedIds(itemIds), changedAt }))
}

/** One line of the worker's log. */
type LogLine = Record<string, unknown> & { level: string }

/**
 * A worker with empty caches, and a clock that the test moves.
 *
 * @param bindings what `wrangler.toml` or a secret would set
 */
export function startWorker(
  clock = { ms: Date.parse('2026-04-23T05:15:00.000Z') },
  lists = env.LISTS,
  bindings: Partial<AppEnv['Bindings']> = {},
) {
  const logged: LogLine[] = []
  const app = createApp({
    now: () => clock.ms,
    write: (level, line) => {
      const fields = JSON.parse(line) as LogLine
      expect(fields.level).toBe(level)
      logged.push(fields)
    },
  })
  return {
    clock,
    /** What was logged, oldest first. */
    logged,
    /** Of a level, what happened beside the requests' own lines. */
    messages: (level: string) =>
      logged.filter((line) => line.level === level && 'message' in line).map(({ message }) => message),
    get: async (path: string, init?: RequestInit) =>
      app.fetch(new Request(`https://nightjar.test${path}`, init), {
        LISTS: lists,
        FEEDBACK: env.FEEDBACK,
        PAGE: env.PAGE,
        ...bindings,
      }),
  }
}

/** What is answered of an item of the catalogue, in a list without scores. */
export function listed(itemId: string) {
  const { title = '', category = '' } = catalogue.find((item) => item.itemId === itemId) ?? {}
  return { id: itemId, ...(title !== '' && { title }), ...(category !== '' && { category }) }
}

/** The ids of an answer's items. */
export async function idsOf(response: Response): Promise<string[]> {
  const { items } = await response.json<{ items: { id: string }[] }>()
  return items.map(({ id }) => id)
}

export const postJson = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
