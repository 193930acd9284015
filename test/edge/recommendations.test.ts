import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { bucketOf, itemBucketKey, popularKey, userBucketKey } from '../../shared/kv-keys.ts'
import { nastyIds } from '../nasty-ids.ts'
import { first, listed, point, putVersion, second, startWorker, userRow } from './seed.ts'

beforeEach(reset)

const pathOf = (userId: string, query = '') =>
  `/v1/users/${encodeURIComponent(userId)}/recommendations${query}`

describe('a known user', () => {
  beforeEach(async () => {
    await putVersion(first, [userRow('ann'), userRow('bob', 3)])
    await point(first)
  })

  test('gets the personal list, ten items if k is not given', async () => {
    const response = await startWorker().get(pathOf('bob'))
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(response.headers.get('Cache-Control')).toBe('private, max-age=30')
    const row = userRow('bob', 3)
    expect(await response.json()).toEqual({
      versionId: first,
      userId: 'bob',
      source: 'personal',
      recommendationId: expect.any(String),
      items: row.itemIds.slice(0, 10).map((id, i) => ({ ...listed(id), score: row.scores[i] })),
    })
  })

  test('gets k items', async () => {
    const { items } = await (await startWorker().get(pathOf('ann', '?k=3'))).json<{ items: object[] }>()
    expect(items).toHaveLength(3)
  })

  test.each(['0', '-1', '13', '1.5', 'ten', '', '1e1', '1&k=2'])('k=%s is a problem', async (k) => {
    const response = await startWorker().get(pathOf('ann', `?k=${k}`))
    expect(response.status).toBe(400)
    expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const problem = await response.json<{ code: string; detail: string }>()
    expect(problem).toMatchObject({ status: 400, code: 'invalid-k', type: 'urn:nightjar:problem:invalid-k' })
    expect(problem.detail).toBe(`invalid k: ${k.replace('&k=', ', ')} (want an integer from 1 to 12)`)
  })

  test('k goes to 100 where lists are longer', async () => {
    await putVersion(second, [userRow('ann')], { k: 500 })
    await point(second)
    const response = await startWorker().get(pathOf('ann', '?k=0'))
    expect(await response.json()).toMatchObject({ detail: 'invalid k: 0 (want an integer from 1 to 100)' })
  })

  test('the ETag is the version; a client that has it gets 304 without a body', async () => {
    const worker = startWorker()
    const etag = (await worker.get(pathOf('ann'))).headers.get('ETag')
    expect(etag).toBe(`W/"${first}"`)
    for (const tag of [`W/"${first}"`, `"${first}"`, `"other", W/"${first}"`, '*']) {
      const again = await worker.get(pathOf('ann'), { headers: { 'If-None-Match': tag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
      expect(again.headers.get('ETag')).toBe(etag)
    }
    const other = await worker.get(pathOf('ann'), { headers: { 'If-None-Match': `W/"${second}"` } })
    expect(other.status).toBe(200)
  })

  test('HEAD answers as GET does, without the body', async () => {
    const response = await startWorker().get(pathOf('ann'), { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

test('an unknown user gets the popular list, marked as such', async () => {
  await putVersion(first, [userRow('ann')])
  await point(first)
  const response = await startWorker().get(pathOf('nobody', '?k=2'))
  expect(await response.json()).toEqual({
    versionId: first,
    userId: 'nobody',
    source: 'popular',
    recommendationId: expect.any(String),
    items: [
      { id: 'item/0', title: 'Title 0', category: 'tea' },
      { id: 'item/1', title: 'Title 1', category: 'pottery' },
    ],
  })
})

describe('user ids in the URL', () => {
  test.each([...nastyIds, 'e\u0301', '\ufeffbom'])('%j is found', async (userId) => {
    await putVersion(first, [userRow('other'), userRow(userId, 5)])
    await point(first)
    const answer = await (await startWorker().get(pathOf(userId))).json()
    expect(answer).toMatchObject({
      userId,
      source: 'personal',
      items: [{ id: 'item/5' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    })
  })

  test('any id of well-formed Unicode is found, but . and .. which URLs cannot hold', async () => {
    const id = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..')
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 50 }), async (userIds) => {
        await putVersion(
          first,
          userIds.map((userId) => userRow(userId)),
        )
        await point(first)
        const worker = startWorker()
        for (const userId of userIds) {
          const answer = await (await worker.get(pathOf(userId, '?k=1'))).json()
          expect(answer).toMatchObject({ userId, source: 'personal' })
        }
      }),
      { numRuns: 5 },
    )
  })

  test.each(['%', '%E0%A4%A', 'a%zz', '%ff'])(
    '%s is a problem: it is not percent-encoded UTF-8',
    async (segment) => {
      const response = await startWorker().get(`/v1/users/${segment}/recommendations`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ code: 'invalid-user-id' })
    },
  )
})

describe('versions', () => {
  test('a new version is served when the isolate next reads the pointer', async () => {
    await putVersion(first, [userRow('ann')])
    await putVersion(second, [userRow('ann', 4)])
    await point(first)
    const worker = startWorker()
    const served = async () =>
      (await (await worker.get(pathOf('ann'))).json<{ versionId: string }>()).versionId
    expect(await served()).toBe(first)
    await point(second, first)
    expect(await served()).toBe(first)
    worker.clock.ms += 5_000
    expect(await served()).toBe(second)
  })

  test.each([
    ['the user bucket', userBucketKey(second, bucketOf('ann', 4))],
    ['an item bucket', itemBucketKey(second, bucketOf('item/4', 2))],
    ['the description', `v/${second}/meta`],
  ])('where %s is missing, the version before answers', async (_, key) => {
    await putVersion(first, [userRow('ann')])
    await putVersion(second, [userRow('ann', 4)])
    await env.LISTS.delete(key)
    await point(second, first)
    const worker = startWorker()
    const response = await worker.get(pathOf('ann'))
    expect(response.headers.get('ETag')).toBe(`W/"${first}"`)
    expect(await response.json()).toMatchObject({
      versionId: first,
      items: [{ id: 'item/0' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    })
    expect(worker.messages('warn')).toEqual([`version ${second} is incomplete: no ${key}`])
  })

  test.each([
    ['the user bucket', 'ann', userBucketKey(second, bucketOf('ann', 4))],
    ['an item bucket', 'ann', itemBucketKey(second, bucketOf('item/4', 2))],
    ['the description', 'ann', `v/${second}/meta`],
    ['the popular list', 'nobody', popularKey(second)],
  ])('where %s is damaged, the version before answers', async (_, userId, key) => {
    await putVersion(first, [userRow('ann')])
    await putVersion(second, [userRow('ann', 4)])
    await env.LISTS.put(key, 'no Arrow, no JSON')
    await point(second, first)
    const worker = startWorker()
    expect(await (await worker.get(pathOf(userId))).json()).toMatchObject({ versionId: first })
    expect(worker.messages('warn')).toEqual([`version ${second} is incomplete: damaged ${key}`])
  })

  test('where no version is whole, it is a 503 problem', async () => {
    await putVersion(first, [userRow('ann')])
    await env.LISTS.delete(popularKey(first))
    await point(first)
    const response = await startWorker().get(pathOf('nobody'))
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '30'])
    expect(await response.json()).toMatchObject({ code: 'version-incomplete' })
  })
})
