import { reset } from 'cloudflare:test'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../../edge/app.ts'
import { ApiKeysError, keyName, parseApiKeys } from '../../../edge/guard/api-keys.ts'
import { mayShowHistories } from '../../../edge/guard/histories.ts'
import { first, point, putVersion, startWorker, userRow } from '../seed.ts'

const shopKey = 'aaaaaaaaaaaaaaaa'
const mailKey = 'b0/b1+b2-b3_b4.b5~b6=='
const API_KEYS = `shop=${shopKey}, mail=${mailKey}\n`

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann')])
  await point(first)
})

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })
const basic = (user: string, key: string) => ({ Authorization: `Basic ${btoa(`${user}:${key}`)}` })

describe('where keys are configured', () => {
  const keyed = () => startWorker(undefined, undefined, { API_KEYS })

  test.each([
    ['a bearer', bearer(shopKey), 'shop'],
    ['another bearer', bearer(mailKey), 'mail'],
    ['the scheme in lower case', { Authorization: `bearer ${shopKey}` }, 'shop'],
    ['a password', basic('anybody', shopKey), 'shop'],
    ['a password without a user', basic('', mailKey), 'mail'],
  ])('%s is let through, and the log has its name', async (_, headers, name) => {
    const worker = keyed()
    const response = await worker.get('/v1/popular', { headers })
    expect(response.status).toBe(200)
    expect(worker.logged).toMatchObject([{ key: name, status: 200 }])
  })

  test.each([
    ['no header', {}],
    ['a wrong key', bearer('cccccccccccccccc')],
    ['a key too short', bearer('aaaaaaaaaaaaaaa')],
    ['a key and one more character', bearer(`${shopKey}a`)],
    ['another case', bearer('Aaaaaaaaaaaaaaaa')],
    ['a name', bearer('shop')],
    ['the whole pair', bearer(`shop=${shopKey}`)],
    ['no scheme', { Authorization: shopKey }],
    ['another scheme', { Authorization: `Digest ${shopKey}` }],
    ['an empty bearer', { Authorization: 'Bearer ' }],
    ['a key as the user', basic(shopKey, '')],
    ['a password with a colon before it', basic('a', `:${shopKey}`)],
    ['no base64', { Authorization: 'Basic !' }],
    ['a key of 10,000 characters', bearer('a'.repeat(10_000))],
  ])('%s is a 401 problem', async (_, headers) => {
    const worker = keyed()
    const response = await worker.get('/v1/popular', { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer')
    expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'unauthorized' })
    expect(text).not.toContain(shopKey)
    expect(worker.logged).toMatchObject([
      { level: 'info', status: 401, code: 'unauthorized', route: '/v1/popular' },
    ])
    expect(JSON.stringify(worker.logged)).not.toContain(shopKey)
  })

  test.each([
    [`Bearer ${shopKey}`, `Bearer ${shopKey}`],
    [`Bearer ${shopKey}`, `Bearer ${mailKey}`],
    [`Bearer wrong`, `Bearer ${shopKey}`],
  ])('two headers are a 401 problem, also where both are right: %s and %s', async (one, other) => {
    const headers = new Headers({ Authorization: one })
    headers.append('Authorization', other)
    expect((await keyed().get('/v1/popular', { headers })).status).toBe(401)
  })

  test.each([
    '/v1/model',
    '/v1/users/ann/recommendations',
    '/v1/nothing',
    '/v1',
    '/%76%31/model',
    '/v1%2Fmodel',
  ])('%s needs one', async (path) => {
    const response = await keyed().get(path)
    // What is no path of ours under any reading is no route.
    expect([401, 404]).toContain(response.status)
    expect(response.headers.get('ETag')).toBeNull()
  })

  test.each(['HEAD', 'POST', 'OPTIONS', 'PURGE'])('%s needs one too', async (method) => {
    expect((await keyed().get('/v1/popular', { method })).status).toBe(401)
  })

  test.each(['/health/live', '/health/ready', '/openapi.json'])('%s needs none', async (path) => {
    expect((await keyed().get(path)).status).toBe(200)
  })

  test.each(['/', '/page/style.css'])('%s lets a browser ask its user', async (path) => {
    const response = await keyed().get(path)
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toBe('Basic realm="nightjar", charset="UTF-8"')
  })

  test('a public list becomes private: a shared cache must not give it to those without a key', async () => {
    const response = await keyed().get('/v1/popular', { headers: bearer(shopKey) })
    expect(response.headers.get('Cache-Control')).toBe('private, max-age=30')
  })
})

test.each([
  '',
  ' \n',
  'shop',
  `=${shopKey}`,
  'shop=',
  'shop=short',
  `shop=${shopKey},shop two=${mailKey}`,
  `shop=${shopKey} mail=${shopKey}`,
  `sh:op=${shopKey}`,
  `shop="${shopKey}"`,
  `shop=${'a'.repeat(129)}`,
])(
  'API_KEYS of %j is a 500 problem that says nothing of it; the log says where, and quotes nothing',
  async (text) => {
    const worker = startWorker(undefined, undefined, { API_KEYS: text })
    const response = await worker.get('/v1/popular', { headers: bearer(shopKey) })
    expect(response.status).toBe(500)
    const body = await response.text()
    expect(JSON.parse(body)).toMatchObject({
      code: 'misconfigured',
      detail: 'the worker is not set up right; its log says what to mend',
    })
    expect(worker.messages('error')).toEqual([
      expect.stringMatching(/^API_KEYS.*npx wrangler secret put API_KEYS$/s),
    ])
    expect(JSON.stringify(worker.logged)).not.toContain(shopKey)
    expect((await worker.get('/health/live')).status).toBe(200)
  },
)

test('any keys of the right form are told apart, also from what is no key', () => {
  const key = fc.stringMatching(/^[\w.~+/-]{16,64}={0,2}$/)
  const name = fc.stringMatching(/^[\w.-]{1,20}$/)
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { minLength: 1, maxLength: 10 }),
      fc.array(name, { minLength: 10, maxLength: 10 }),
      fc.string(),
      (keys, names, other) => {
        const parsed = parseApiKeys(keys.map((key, i) => `${names[i]}=${key}`).join(','))
        expect(keys.map((key) => keyName(parsed, key))).toEqual(names.slice(0, keys.length))
        for (const wrong of [other, `${keys[0]}x`, keys[0]?.slice(1) ?? '']) {
          if (!keys.includes(wrong)) expect(keyName(parsed, wrong)).toBeUndefined()
        }
      },
    ),
  )
})

test('a name may stand twice, while one key replaces the other', () => {
  const keys = parseApiKeys(`shop=${shopKey} shop=${mailKey}`)
  expect([keyName(keys, shopKey), keyName(keys, mailKey)]).toEqual(['shop', 'shop'])
  expect(() => parseApiKeys('shop')).toThrow(ApiKeysError)
})

describe('a route that shows histories', () => {
  const statusOf = async (bindings: Record<string, string>, headers: Record<string, string> = {}) => {
    const app = createApp({ write: () => {} })
    const withHistory = app.get('/v1/users/:id/shown', (c) => {
      mayShowHistories(c)
      return c.text('a history')
    })
    const request = new Request('https://nightjar.test/v1/users/ann/shown', { headers })
    const response = await withHistory.fetch(request, bindings as never)
    return response.status === 200 ? 200 : [response.status, (await response.json<{ code: string }>()).code]
  }

  test('needs a key, or else says that there is none to be shown', async () => {
    expect(await statusOf({})).toEqual([403, 'key-required'])
    expect(await statusOf({}, bearer(shopKey))).toEqual([403, 'key-required'])
    expect(await statusOf({ API_KEYS })).toEqual([401, 'unauthorized'])
    expect(await statusOf({ API_KEYS }, bearer(shopKey))).toBe(200)
  })

  test('is open on a machine that says so, but never past a key that is configured', async () => {
    expect(await statusOf({ OPEN_HISTORIES: 'true' })).toBe(200)
    expect(await statusOf({ OPEN_HISTORIES: '1' })).toEqual([403, 'key-required'])
    expect(await statusOf({ OPEN_HISTORIES: 'true', API_KEYS })).toEqual([401, 'unauthorized'])
  })
})
