import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { first, point, putVersion, startWorker } from '../seed.ts'

const API_KEYS = 'limited-a=aaaaaaaaaaaaaaaa limited-b=bbbbbbbbbbbbbbbb'

beforeAll(async () => {
  await reset()
  await putVersion(first, [])
  await point(first)
})

// The platform's own limiter, of three requests a minute. It has no clock that a test could move, so a minute that
// ends in the middle of a test begins anew: more may pass, and then none for long.
async function refusalsOf(ask: () => Promise<Response>): Promise<Response> {
  for (let asked = 0; asked < 8; asked++) {
    const response = await ask()
    if (response.status === 429) {
      expect(asked).toBeGreaterThanOrEqual(3)
      return response
    }
  }
  throw new Error('eight requests were let through')
}

test('a client that asks more than its limit gets a 429 problem, and another does not', async () => {
  const worker = startWorker(undefined, undefined, { RATE_LIMIT: env.RATE_LIMIT })
  const from = (address: string) => worker.get('/v1/popular', { headers: { 'CF-Connecting-IP': address } })
  const response = await refusalsOf(() => from('192.0.2.1'))
  expect(response.headers.get('Retry-After')).toBe('60')
  expect(await response.json()).toMatchObject({ status: 429, code: 'rate-limited' })
  expect(worker.logged.at(-1)).toMatchObject({ level: 'info', status: 429, route: '/v1/popular' })
  expect((await from('192.0.2.2')).status).toBe(200)
  expect((await worker.get('/health/live', { headers: { 'CF-Connecting-IP': '192.0.2.1' } })).status).toBe(
    200,
  )
})

test('a key counts by its name, from whatever address', async () => {
  const worker = startWorker(undefined, undefined, { RATE_LIMIT: env.RATE_LIMIT, API_KEYS })
  let host = 0
  const by = (letter: string) =>
    worker.get('/v1/popular', {
      headers: { Authorization: `Bearer ${letter.repeat(16)}`, 'CF-Connecting-IP': `198.51.100.${host++}` },
    })
  await refusalsOf(() => by('a'))
  expect((await by('b')).status).toBe(200)
})

test('who tries out keys is counted by address', async () => {
  const worker = startWorker(undefined, undefined, { RATE_LIMIT: env.RATE_LIMIT, API_KEYS })
  await refusalsOf(() =>
    worker.get('/v1/popular', {
      headers: { Authorization: 'Bearer cccccccccccccccc', 'CF-Connecting-IP': '203.0.113.1' },
    }),
  )
})

test('where the limiter fails, requests go on, and the log has it', async () => {
  const failing: RateLimit = { limit: () => Promise.reject(new Error('no limiter')) }
  const worker = startWorker(undefined, undefined, { RATE_LIMIT: failing })
  expect((await worker.get('/v1/popular')).status).toBe(200)
  expect(worker.messages('warn')).toEqual(['the rate limit could not be asked; the request goes on'])
})
