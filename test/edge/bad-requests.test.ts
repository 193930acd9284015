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

const postPaths = ['/v1/users/ann/recommendations', '/v1/users/recommendations:batch']
const getPaths = ['/v1/users/ann/recommendations', '/v1/popular']

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
  fc.dictionary(fc.constantFrom('k', 'offset', 'exclude', 'category', 'userIds'), fc.jsonValue(), {
    minKeys: 1,
  }),
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
    .tuple(junk, method)
    .map(([id, method]): [string, RequestInit] => [`/v1/users/${id}/nothing`, { method }]),
  junk.map((id): [string] => [`/v1/items/no-such-item-${id}`]),
)

/** Values that JSON cannot hold are left out or become null, and a right body becomes a wrong one. */
function bodyOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)) ?? 'null'
  return text.startsWith('{') ? `${text.slice(0, -1)},"stranger":1}` : text
}

test('any bad request gets a problem document, and never a 5xx', { timeout: 60_000 }, async () => {
  const worker = startWorker()
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(request, async ([path, init]) => {
      const response = await worker.get(path, init)
      expect(response.headers.get('Content-Type')).toBe('application/problem+json')
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      const body = await response.json<ReturnType<typeof problem>>()
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      expect(body).toEqual({
        ...problem(body.code, body.detail),
        status: response.status,
        requestId: response.headers.get('X-Request-Id'),
      })
      expect(body.detail.length).toBeLessThan(70_000)
      seen.add(body.code)
    }),
    { numRuns: 500 },
  )
  // What is logged as an error is a bug, also where the answer hides it.
  expect(worker.logged.filter(({ level }) => level === 'error')).toEqual([])
  // The generator reaches what it was made for.
  for (const code of ['invalid-k', 'invalid-offset', 'invalid-exclude', 'invalid-category', 'invalid-json']) {
    expect(seen).toContain(code)
  }
  for (const code of [
    'invalid-body',
    'body-too-large',
    'unsupported-media-type',
    'not-found',
    'unknown-item',
  ]) {
    expect(seen).toContain(code)
  }
})
