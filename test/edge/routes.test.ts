import { reset } from 'cloudflare:test'
import { beforeEach, describe, expect, test } from 'vitest'
import { first, point, putVersion, startWorker, userRow } from './seed.ts'

beforeEach(reset)

describe('with a published version', () => {
  beforeEach(async () => {
    await putVersion(first, [userRow('ann')])
    await point(first)
  })

  test('/v1/popular answers the popular list', async () => {
    const response = await startWorker().get('/v1/popular?k=1')
    expect(response.headers.get('ETag')).toBe(`W/"${first}"`)
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=30')
    expect(await response.json()).toEqual({
      versionId: first,
      source: 'popular',
      items: [{ id: 'item/0', title: 'Title 0', category: 'tea' }],
    })
  })

  test('/v1/popular takes k to 100, whatever the length of personal lists', async () => {
    expect((await startWorker().get('/v1/popular?k=100')).status).toBe(200)
    expect(await (await startWorker().get('/v1/popular?k=101')).json()).toMatchObject({
      detail: 'invalid k: 101 (want an integer from 1 to 100)',
    })
  })

  test('/v1/model answers the description of the version', async () => {
    const response = await startWorker().get('/v1/model')
    expect(await response.json()).toMatchObject({ versionId: first, model: 'jca', metrics: { ndcg10: 0.25 } })
  })

  test('/health/ready tells the version and its age', async () => {
    const response = await startWorker().get('/health/ready')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.json()).toEqual({
      status: 'ready',
      versionId: first,
      publishedAt: '2026-04-23T04:00:00.000Z',
      ageSeconds: 2 * 3600,
    })
  })
})

describe('with nothing published', () => {
  test('/health/live is well', async () => {
    const response = await startWorker().get('/health/live')
    expect([response.status, await response.json()]).toEqual([200, { status: 'live' }])
  })

  test.each(['/health/ready', '/v1/model', '/v1/popular', '/v1/users/ann/recommendations'])(
    '%s is a 503 problem',
    async (path) => {
      const response = await startWorker().get(path)
      expect(response.status).toBe(503)
      expect(await response.json()).toEqual({
        type: 'urn:nightjar:problem:nothing-published',
        title: 'Nothing published',
        status: 503,
        detail: 'no lists were published yet',
        code: 'nothing-published',
        requestId: response.headers.get('X-Request-Id'),
      })
    },
  )

  test('the first publication is served at once', async () => {
    const worker = startWorker()
    expect((await worker.get('/v1/popular')).status).toBe(503)
    await putVersion(first, [])
    await point(first)
    expect((await worker.get('/v1/popular')).status).toBe(200)
  })
})

describe('errors are problem documents', () => {
  test.each(['/v1', '/v1/users', '/v1/users/ann', '/v1/users//recommendations', '/v1/popular/', '/nope'])(
    '%s is no route',
    async (path) => {
      const response = await startWorker().get(path)
      expect([response.status, response.headers.get('Content-Type')]).toEqual([
        404,
        'application/problem+json',
      ])
      expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(await response.json()).toMatchObject({ status: 404, code: 'not-found' })
    },
  )

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s is not allowed, and GET is named',
    async (method) => {
      const response = await startWorker().get('/v1/popular', { method })
      expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
      expect(await response.json()).toMatchObject({ code: 'method-not-allowed' })
    },
  )

  test.each([
    ['/v1/users/ann/recommendations', 'PUT', 'GET, HEAD, POST'],
    ['/v1/users/recommendations:batch', 'GET', 'POST'],
    ['/v1/users/recommendations:batch', 'HEAD', 'POST'],
    ['/v1/items/a', 'POST', 'GET, HEAD'],
    ['/openapi.json', 'DELETE', 'GET, HEAD'],
  ])('%s has no %s, and names %s', async (path, method, allowed) => {
    const response = await startWorker().get(path, { method })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, allowed])
  })

  test('what nobody foresaw is a 500 that tells nothing of the inside', async () => {
    const broken = {
      get: () => Promise.reject(new Error('secret: v/x/meta at /srv/worker.ts')),
    } as unknown as KVNamespace
    const worker = startWorker(undefined, broken)
    const response = await worker.get('/v1/model', { headers: { 'X-Request-Id': 'asked-1' } })
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      type: 'urn:nightjar:problem:internal',
      title: 'Internal error',
      status: 500,
      detail: 'the request could not be answered',
      code: 'internal',
      requestId: 'asked-1',
    })
    expect(worker.logged).toMatchObject([
      {
        level: 'error',
        requestId: 'asked-1',
        route: '/v1/model',
        status: 500,
        code: 'internal',
        error: expect.stringMatching(/^Error: secret: v\/x\/meta at \/srv\/worker\.ts\n +at /),
      },
    ])
  })
})
