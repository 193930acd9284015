import { reset } from 'cloudflare:test'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { problem } from '../../shared/problem.ts'
import { first, point, postJson, putVersion, startWorker, userRow } from './seed.ts'

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann')])
  await point(first)
})

const postPaths = [
  '/v1/users/ann/recommendations',
  '/v1/users/recommendations:batch',
  '/v1/recommendations',
  '/v1/feedback',
]
const getPaths = ['/v1/users/ann/recommendations', '/v1/popular', '/v1/items/item%2F1/similar']

/** Text as people break it: percent signs, separators, controls, and anything else. */
const junk = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('%', '/', '.', '?', '&', '=', '#', '\\', ':', '\u0000', 'é', '0', ' ') }),
)

const badNumber = fc.oneof(
  fc.constantFrom('0', '-1', '1.5', '1e3', '0x10', '', ' 1', '+1', 'NaN', 'Infinity', '٣', '9'.repeat(400)),
  junk.filter((text) => !/^\d+$/.test(text)),
)

const badQuery = fc.oneof(
  badNumber.map((k) => `k=${encodeURIComponent(k)}`),
  badNumber.filter((text) => text !== '0').map((offset) => `offset=${encodeURIComponent(offset)}`),
  fc.integer({ min: 101, max: 300 }).map((count) => Array(count).fill('exclude=a').join('&')),
  fc.integer({ min: 1025, max: 4000 }).map((length) => `exclude=${'a'.repeat(length)}`),
  junk.map((text) => `category=a&category=${encodeURIComponent(text)}`),
)

/** No object of the fields that there are. */
const badBody = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }).filter((value) => JSON.stringify(value) !== '{}'),
  fc.dictionary(
    fc.constantFrom('k', 'offset', 'exclude', 'category', 'userIds', 'itemIds', 'explain', 'events'),
    fc.jsonValue(),
    {
      minKeys: 1,
    },
  ),
  fc.record({ userIds: fc.array(fc.constant('ann')), exclude: fc.array(fc.anything(), { minLength: 1 }) }),
)

const badText = fc.oneof(
  junk.filter((text) => !/^\s*\{\s*\}\s*$/.test(text)),
  fc.integer({ min: 1, max: 60_000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 65_537, max: 200_000 }).map((length) => ' '.repeat(length)),
)

const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PURGE', 'PROPFIND')

const request: fc.Arbitrary<[string, RequestInit?]> = fc.oneof(
  fc.tuple(fc.constantFrom(...getPaths), badQuery).map(([path, query]): [string] => [`${path}?${query}`]),
  fc
    .tuple(fc.constantFrom(...postPaths), badBody)
    .map(([path, body]): [string, RequestInit] => [path, postJson(bodyOf(body))]),
  fc
    .tuple(fc.constantFrom(...postPaths), badText)
    .map(([path, body]): [string, RequestInit] => [path, postJson(body)]),
  fc
    .tuple(
      fc.constantFrom(...postPaths),
      fc.uint8Array(),
      fc.constantFrom('application/json', 'text/html', 'a'),
    )
    .map(([path, body, type]): [string, RequestInit] => [
      path,
      { method: 'POST', headers: { 'Content-Type': type }, body },
    ]),
  fc.tuple(junk, method).map(([path, method]): [string, RequestInit] => [`/${path}`, { method }]),
  fc
    .constantFrom('PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PURGE')
    .map((method): [string, RequestInit] => ['/v1/popular', { method }]),
  fc
    .tuple(junk, method)
    .map(([id, method]): [string, RequestInit] => [`/v1/users/${id}/nothing`, { method }]),
  junk.map((id): [string] => [`/v1/items/no-such-item-${id}`]),
)

/** Values that JSON cannot hold are left out or become null, and a right body becomes a wrong one. */
function bodyOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)) ?? 'null'
  return text.startsWith('{') ? `${text.slice(0, -1)},"stranger":1}` : text
}

const API_KEYS = 'shop=the-key-of-the-shop mail=the-key-of-the-mail'
const rightKey = 'Bearer the-key-of-the-shop'

/** What a header may hold without the client itself refusing it. */
const headerText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(',', ';', '"', '=', '*', ' ', ':', '/'),
    fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
  ),
})

const badKey = fc.oneof(
  headerText.filter((text) => text.trim() !== ''),
  headerText.map((text) => `Bearer ${text}`),
  headerText.map((text) => `Basic ${btoa(text)}`),
  fc.constantFrom(
    `${rightKey}, ${rightKey}`,
    `${rightKey} ${rightKey}`,
    `${rightKey}=`,
    'Bearer',
    'Basic',
    'Bearer shop',
  ),
  fc.integer({ min: 100, max: 20_000 }).map((length) => `Bearer ${'a'.repeat(length)}`),
)

const strangeHeaders = fc.record(
  {
    'X-Request-Id': headerText,
    'CF-Ray': headerText,
    'CF-Connecting-IP': headerText,
    'If-None-Match': headerText,
    Origin: fc.oneof(headerText, fc.constantFrom('null', '*', 'https://shop.example')),
    Accept: headerText,
    Cookie: headerText,
    Range: headerText,
  },
  { requiredKeys: [] },
)

/** Which worker is asked, and the key that is shown. */
const door = fc.oneof(
  fc.record({ keyed: fc.constant(false), authorization: fc.option(badKey) }),
  fc.record({ keyed: fc.constant(true), authorization: fc.oneof(fc.constant(rightKey), fc.option(badKey)) }),
)

/** What was meant for the log: keys, KV's names, places in the code. */
const inside = /the-key-of|v\/\d{8}T|API_KEYS|edge\/|\.ts\b|\bat \w+ \(/

test('any bad request gets a problem document, and never a 5xx', { timeout: 120_000 }, async () => {
  const CORS_ORIGINS = 'https://shop.example'
  const open = startWorker(undefined, undefined, { CORS_ORIGINS })
  const keyed = startWorker(undefined, undefined, { CORS_ORIGINS, API_KEYS })
  const seen = new Set<string>()
  const check = fc.asyncProperty(
    request,
    strangeHeaders,
    door,
    async ([path, init], strange, { keyed: isKeyed, authorization }) => {
      // The page is there for who may see it.
      fc.pre(new URL(`https://nightjar.test${path}`).pathname !== '/')
      const headers = {
        ...strange,
        ...(authorization !== null && { Authorization: authorization }),
        ...init?.headers,
      }
      const response = await (isKeyed ? keyed : open).get(path, { ...init, headers })
      expect(response.headers.get('Content-Type')).toBe('application/problem+json')
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      const text = await response.text()
      const body = JSON.parse(text) as ReturnType<typeof problem>
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      expect(body).toEqual({
        ...problem(body.code, body.detail),
        status: response.status,
        requestId: response.headers.get('X-Request-Id'),
      })
      expect(body.detail.length).toBeLessThan(70_000)
      // A path that nobody has is quoted; what it says is its own.
      expect(text.replace(JSON.stringify(body.detail), '')).not.toMatch(inside)
      if (body.code !== 'not-found') expect(body.detail).not.toMatch(inside)
      if (isKeyed && authorization !== rightKey) expect(['unauthorized', 'not-found']).toContain(body.code)
      if (!isKeyed || authorization === rightKey) expect(body.code).not.toBe('unauthorized')
      seen.add(body.code)
    },
  )
  await fc.assert(check, { numRuns: 5_000 })
  // What is logged as an error is a bug, also where the answer hides it.
  const errors = [...open.logged, ...keyed.logged].filter(({ level }) => level !== 'info')
  expect(errors).toEqual([])
  // The generator reaches what it was made for.
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'body-too-large',
      'invalid-body',
      'invalid-category',
      'invalid-exclude',
      'invalid-json',
      'invalid-k',
      'invalid-offset',
      'method-not-allowed',
      'not-found',
      'unauthorized',
      'unknown-item',
      'unsupported-media-type',
    ]),
  )
})
