import { reset } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { first, point, postJson, putVersion, startWorker, userRow } from '../seed.ts'

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann'), userRow('bob')])
  await point(first)
})

const secretId = 'ann@example.org'
const path = `/v1/users/${encodeURIComponent(secretId)}/recommendations`

describe('a request', () => {
  test('has the id that it came with, in its answer, its problem and its line', async () => {
    const worker = startWorker()
    const headers = { 'X-Request-Id': 'shop.42_a-b', 'CF-Ray': '8f1e2d3c4b5a6978-AMS' }
    for (const asked of ['/v1/popular', '/v1/popular?k=0', '/nothing', '/health/live', '/openapi.json']) {
      const response = await worker.get(asked, { headers })
      expect(response.headers.get('X-Request-Id')).toBe('shop.42_a-b')
      if (response.status >= 400) expect(await response.json()).toMatchObject({ requestId: 'shop.42_a-b' })
    }
    expect(worker.logged.map(({ requestId }) => requestId)).toEqual(Array(5).fill('shop.42_a-b'))
  })

  test.each(['', 'two words', 'a,b', '"quoted"', 'a'.repeat(65), '<script>', 'a/b'])(
    'has another id than %j: Cloudflare’s, or else a new one',
    async (id) => {
      const worker = startWorker()
      const idFor = async (headers: Record<string, string>) =>
        (await worker.get('/health/live', { headers })).headers.get('X-Request-Id')
      expect(await idFor({ 'X-Request-Id': id, 'CF-Ray': '8f1e2d3c4b5a6978-AMS' })).toBe(
        '8f1e2d3c4b5a6978-AMS',
      )
      const made = await idFor({ 'X-Request-Id': id, 'CF-Ray': id })
      expect(made).toMatch(/^[0-9a-f-]{36}$/)
      expect(await idFor({})).not.toBe(made)
    },
  )

  test('leaves one line, which holds no id of a user', async () => {
    const worker = startWorker()
    await worker.get(path, { headers: { 'X-Request-Id': 'r1' } })
    expect(worker.logged).toEqual([
      {
        time: '2026-04-23T05:15:00.000Z',
        level: 'info',
        requestId: 'r1',
        method: 'GET',
        route: '/v1/users/:id/recommendations',
        status: 200,
        ms: 0,
        versionId: first,
        source: 'popular',
        kvReads: expect.any(Number),
        cacheHits: 0,
      },
    ])
    for (const method of ['POST', 'PUT']) await worker.get(path, { method })
    await worker.get(`${path}/nothing`)
    await worker.get(`${path}?k=0`)
    expect(worker.logged).toHaveLength(5)
    expect(JSON.stringify(worker.logged)).not.toMatch(/ann|example/)
  })

  test('names the user with LOG_USER_IDS alone', async () => {
    const worker = startWorker(undefined, undefined, { LOG_USER_IDS: 'true' })
    await worker.get(path)
    await worker.get('/v1/users/%ff/recommendations')
    await worker.get('/v1/popular')
    expect(worker.logged.map(({ userId }) => userId)).toEqual([secretId, undefined, undefined])
  })

  test('is told by the pattern of its route, also where it is refused, and by none where there is no route', async () => {
    const worker = startWorker()
    const asks: [string, RequestInit?][] = [
      ['/v1/items/item%2F1'],
      ['/v1/users/recommendations:batch', postJson({ userIds: ['ann'] })],
      ['/v1/popular', { method: 'HEAD' }],
      ['/v1/popular', { method: 'DELETE' }],
      ['/v1/nothing'],
      ['/secret/path'],
    ]
    for (const ask of asks) await worker.get(...ask)
    expect(worker.logged.map(({ route, status, code }) => [route, status, code])).toEqual([
      ['/v1/items/:id', 200, undefined],
      ['/v1/users/recommendations:batch', 200, undefined],
      ['/v1/popular', 200, undefined],
      ['/v1/popular', 405, 'method-not-allowed'],
      ['none', 404, 'not-found'],
      ['none', 404, 'not-found'],
    ])
  })

  test('tells what its lists came from', async () => {
    const worker = startWorker()
    const batches = [['ann', 'bob'], ['nobody'], ['ann', 'nobody']]
    await worker.get('/v1/users/ann/recommendations')
    await worker.get('/v1/popular')
    for (const userIds of batches) await worker.get('/v1/users/recommendations:batch', postJson({ userIds }))
    await worker.get('/v1/model')
    expect(worker.logged.map(({ source }) => source)).toEqual([
      'personal',
      'popular',
      'personal',
      'popular',
      'mixed',
      undefined,
    ])
  })
})

test('METRICS gets a point for each request, in the documented order', async () => {
  const points: unknown[] = []
  const METRICS = { writeDataPoint: (point: unknown) => points.push(point) } as AnalyticsEngineDataset
  const worker = startWorker(undefined, undefined, { METRICS, API_KEYS: 'shop=aaaaaaaaaaaaaaaa' })
  await worker.get('/v1/users/ann/recommendations?k=1', {
    headers: { Authorization: 'Bearer aaaaaaaaaaaaaaaa' },
  })
  await worker.get('/v1/nothing')
  expect(points).toEqual([
    {
      indexes: ['/v1/users/:id/recommendations'],
      blobs: ['/v1/users/:id/recommendations', 'GET', '', 'personal', first, 'shop', 'info'],
      doubles: [200, 0, 5, 0],
    },
    {
      indexes: ['none'],
      blobs: ['none', 'GET', 'unauthorized', '', '', '', 'info'],
      doubles: [401, 0, 0, 0],
    },
  ])
})
