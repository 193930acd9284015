import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, inject, test } from 'vitest'
import { foldInPartKey, popularKey, userBucketKey } from '../../shared/kv-keys.ts'
import {
  catalogue,
  first,
  hideItems,
  point,
  postJson,
  putVersion,
  second,
  startWorker,
  userRow,
} from './seed.ts'
import { putFoldIn } from './seed-fold-in.ts'

declare module 'vitest' {
  interface ProvidedContext {
    mixedRequests: number
  }
}

const third = '20260424T031500Z-cccccc'
const broken = '20260425T031500Z-dddddd'

/** How many; NIGHTJAR_MIXED_REQUESTS says otherwise. */
const requests = inject('mixedRequests')

/** Asked for at once, as clients do. */
const atOnce = 20
/** How far the clock goes meanwhile: two happenings lie more than the isolate's five seconds apart. */
const stepMs = 600

const userIds = Array.from({ length: 200 }, (_, i) => `user-${i}`)

/** Every version has lists of its own: a user's list begins at another item, so that an answer shows its version. */
const versions = [first, second, third, broken]
const startOf = (versionId: string, user: number) => user + 3 * versions.indexOf(versionId)

interface ListAnswer {
  versionId: string
  source: 'personal' | 'fold-in' | 'popular'
  items: { id: string; title?: string; category?: string; score?: number }[]
}

beforeAll(async () => {
  await reset()
  for (const versionId of versions) {
    const foldIn = await putFoldIn(
      versionId,
      catalogue.map(({ itemId }) => itemId),
    )
    const rows = userIds.map((userId, u) => userRow(userId, startOf(versionId, u)))
    await putVersion(versionId, rows, { foldIn })
  }
  await breakVersion()
  await point(first)
})

/** Some of its users have their lists, others not; nor is there a popular list, nor all of the fold-in component. */
async function breakVersion() {
  await env.LISTS.delete(popularKey(broken))
  await env.LISTS.delete(foldInPartKey(broken, 0))
  await env.LISTS.delete(userBucketKey(broken, 0))
  await env.LISTS.put(userBucketKey(broken, 1), 'no Arrow')
}

/** What an operator does, and at what part of the run. Afterwards, and once the isolate has seen it, these may answer. */
const happenings: { at: number; act: () => Promise<void>; serving: string[] }[] = [
  { at: 0.1, act: () => point(second, first), serving: [second] },
  { at: 0.2, act: () => hideItems('item/0', 'item/5'), serving: [second] },
  { at: 0.3, act: () => point(first, second), serving: [first] },
  { at: 0.4, act: () => point(third, first), serving: [third] },
  { at: 0.5, act: () => hideItems('item/5', 'item/7', 'item/11'), serving: [third] },
  // The version before answers for what is not there.
  { at: 0.6, act: () => point(broken, third), serving: [broken, third] },
  { at: 0.75, act: () => point(third, broken), serving: [third] },
  { at: 0.85, act: () => hideItems(), serving: [third] },
]

const hiddenAfter = (done: number): string[] =>
  done >= 8 ? [] : done >= 5 ? ['item/5', 'item/7', 'item/11'] : done >= 2 ? ['item/0', 'item/5'] : []

test(`${requests} mixed requests, while versions come, go and are broken: no 5xx, each answer of one version, nothing hidden`, {
  timeout: 3_600_000,
}, async () => {
  const worker = startWorker()
  let done = 0
  /** When the last happening was; the isolate sees it with its next look at the pointer, five seconds later at most. */
  let changedAt = Number.NEGATIVE_INFINITY
  const seen = new Map<string, number>()

  const settled = () => worker.clock.ms - changedAt > 5_000 + stepMs

  function checkVersion(versionId: string) {
    const serving = happenings[done - 1]?.serving ?? [first]
    const before = happenings[done - 2]?.serving ?? [first]
    expect(settled() ? serving : [...serving, ...before]).toContain(versionId)
    seen.set(versionId, (seen.get(versionId) ?? 0) + 1)
  }

  /** A list that is not a user's own, nor the popular one: without what is hidden, and without what it was made from. */
  function checkMade({ versionId, items }: Pick<ListAnswer, 'versionId' | 'items'>, from: string[]) {
    checkVersion(versionId)
    const ids = items.map(({ id }) => id)
    for (const id of [...from, ...(settled() ? hiddenAfter(done) : [])]) expect(ids).not.toContain(id)
    return ids
  }

  function check({ versionId, source, items }: ListAnswer, user: number) {
    checkVersion(versionId)
    const hidden = new Set(hiddenAfter(done))
    const hiddenBefore = new Set(hiddenAfter(done - 1))
    const start = source === 'popular' ? 0 : startOf(versionId, user)
    const whole = userRow('', start)
    const wholeWithout = (without: Set<string>) =>
      whole.itemIds.filter((id) => !without.has(id)).slice(0, items.length)
    // Every item of the list, in the order of that version and no other, with that version's scores.
    const ids = items.map(({ id }) => id)
    const wanted = settled() ? [wholeWithout(hidden)] : [wholeWithout(hidden), wholeWithout(hiddenBefore)]
    expect(wanted).toContainEqual(ids)
    for (const { id, title, score } of items) {
      const known = catalogue.find(({ itemId }) => itemId === id)
      expect(title ?? '').toBe(known?.title)
      if (source === 'personal') expect(score).toBe(whole.scores[whole.itemIds.indexOf(id)])
    }
    if (settled()) for (const id of ids) expect(hidden.has(id)).toBe(false)
  }

  async function ask(n: number) {
    const user = (n * 7) % userIds.length
    const userId = userIds[user] as string
    switch (n % 10) {
      case 0: {
        const response = await worker.get('/v1/popular?k=9')
        expect(response.status).toBe(200)
        return check(await response.json(), user)
      }
      case 1: {
        const response = await worker.get('/v1/users/nobody/recommendations')
        expect(response.status).toBe(200)
        return check(await response.json(), user)
      }
      case 2: {
        const asked = [user, (user + 50) % userIds.length, (user + 111) % userIds.length]
        const response = await worker.get(
          '/v1/users/recommendations:batch',
          postJson({ userIds: asked.map((u) => userIds[u]), k: 5 }),
        )
        expect(response.status).toBe(200)
        const { versionId, results } = await response.json<{ versionId: string; results: ListAnswer[] }>()
        for (const [i, result] of results.entries()) check({ ...result, versionId }, asked[i] as number)
        return
      }
      case 3: {
        const response = await worker.get(`/v1/users/${userId}/recommendations`, {
          headers: { 'If-None-Match': `W/"${versions[n % 4]}"` },
        })
        if (response.status === 304) return
        expect(response.status).toBe(200)
        return check(await response.json(), user)
      }
      case 4: {
        const item = `item/${n % 13}`
        const response = await worker.get(`/v1/items/${encodeURIComponent(item)}`)
        expect([200, 404]).toContain(response.status)
        if (settled()) {
          expect(response.status).toBe(hiddenAfter(done).includes(item) || item === 'item/12' ? 404 : 200)
        }
        return
      }
      case 5: {
        const response = await worker.get(`/v1/users/${userId}/recommendations?k=${n % 20}`)
        expect(response.status).toBe(n % 20 >= 1 && n % 20 <= 12 ? 200 : 400)
        return response.status === 200 ? check(await response.json(), user) : undefined
      }
      case 6: {
        const history = [`item/${n % 12}`, `item/${(n + 5) % 12}`]
        const response = await worker.get(
          '/v1/recommendations',
          postJson({ itemIds: history, k: 12, explain: true }),
        )
        expect(response.status).toBe(200)
        const answer = await response.json<ListAnswer>()
        expect(answer.source).toBe('fold-in')
        const ids = checkMade(answer, history)
        // Whatever is left of the catalogue.
        const gone = new Set([...history, ...hiddenAfter(done)])
        if (settled()) expect(ids.length).toBe(catalogue.length - gone.size)
        return
      }
      case 7: {
        const item = `item/${n % 12}`
        const response = await worker.get(`/v1/items/${encodeURIComponent(item)}/similar`)
        if (response.status === 404)
          return void expect([...hiddenAfter(done), ...hiddenAfter(done - 1)]).toContain(item)
        expect(response.status).toBe(200)
        return void checkMade(await response.json(), [item])
      }
      default: {
        const response = await worker.get(`/v1/users/${userId}/recommendations?k=${1 + (n % 8)}`)
        expect(response.status).toBe(200)
        return check(await response.json(), user)
      }
    }
  }

  for (let n = 0; n < requests; n += atOnce) {
    const next = happenings[done]
    if (next !== undefined && n >= next.at * requests) {
      await next.act()
      done++
      changedAt = worker.clock.ms
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, requests - n) }, (_, i) => ask(n + i)))
    worker.clock.ms += stepMs
  }

  expect(done).toBe(happenings.length)
  expect(worker.logged.filter(({ level }) => level === 'error')).toEqual([])
  expect(worker.messages('warn').length).toBeGreaterThan(0)
  for (const versionId of versions) expect(seen.get(versionId)).toBeGreaterThan(requests / 50)
})
