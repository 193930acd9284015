import { reset } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { first, point, putVersion, startWorker } from '../seed.ts'

const API_KEYS = 'shop=aaaaaaaaaaaaaaaa'
const shop = 'https://shop.example'

beforeAll(async () => {
  await reset()
  await putVersion(first, [])
  await point(first)
})

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'GET',
    'Access-Control-Request-Headers': 'authorization',
  },
})
const corsOf = ({ headers }: Response) => [headers.get('Access-Control-Allow-Origin'), headers.get('Vary')]

test('without CORS_ORIGINS no page of elsewhere is let in', async () => {
  const worker = startWorker()
  expect(corsOf(await worker.get('/v1/popular', { headers: { Origin: shop } }))).toEqual([null, null])
  expect((await worker.get('/v1/popular', preflight(shop))).status).toBe(405)
})

describe('with some origins', () => {
  const worker = () =>
    startWorker(undefined, undefined, { API_KEYS, CORS_ORIGINS: `${shop}, http://localhost:3000` })

  test('a preflight is answered, without a key', async () => {
    const response = await worker().get('/v1/popular', preflight(shop))
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(corsOf(response)).toEqual([shop, 'Origin'])
    expect(response.headers.get('Access-Control-Allow-Methods')).toBe('GET, HEAD, POST')
    expect(response.headers.get('Access-Control-Allow-Headers')).toMatch(/Authorization, Content-Type/)
  })

  test('answers and problems are let out', async () => {
    const headers = { Origin: 'http://localhost:3000' }
    const refused = await worker().get('/v1/popular', { headers })
    expect([refused.status, ...corsOf(refused)]).toEqual([401, headers.Origin, 'Origin'])
    const answered = await worker().get('/v1/popular', {
      headers: { ...headers, Authorization: 'Bearer aaaaaaaaaaaaaaaa' },
    })
    expect([answered.status, ...corsOf(answered)]).toEqual([200, headers.Origin, 'Origin'])
    expect(answered.headers.get('Access-Control-Expose-Headers')).toBe('ETag, Retry-After, X-Request-Id')
  })

  test.each(['https://other.example', 'https://shop.example.evil', 'http://shop.example', 'null', ''])(
    '%j is not one of them',
    async (origin) => {
      expect((await worker().get('/v1/popular', preflight(origin))).status).toBe(401)
      const response = await worker().get('/health/ready', { headers: { Origin: origin } })
      expect([response.status, ...corsOf(response)]).toEqual([200, null, 'Origin'])
    },
  )

  test('the page is for its own origin alone', async () => {
    const response = await worker().get('/', { headers: { Origin: shop } })
    expect(corsOf(response)[0]).toBeNull()
  })
})

test('with * every page is let in, and nothing varies', async () => {
  const worker = startWorker(undefined, undefined, { CORS_ORIGINS: '*' })
  expect(corsOf(await worker.get('/v1/popular', { headers: { Origin: shop } }))).toEqual(['*', null])
})

test('what is no origin is logged and lets nobody in', async () => {
  const worker = startWorker(undefined, undefined, { CORS_ORIGINS: `${shop}/ shop.example` })
  expect(corsOf(await worker.get('/v1/popular', { headers: { Origin: shop } }))[0]).toBeNull()
  expect(worker.messages('error')).toEqual([
    'CORS_ORIGINS: no origin: https://shop.example/ shop.example (want https://host, without a path)',
  ])
})
