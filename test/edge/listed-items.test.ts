import { reset } from 'cloudflare:test'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue, first, idsOf, listed, point, postJson, putVersion, startWorker, userRow } from './seed.ts'

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann'), userRow('bob', 3)])
  await point(first)
})

const path = '/v1/users/ann/recommendations'
const all = catalogue.map(({ itemId }) => itemId)

describe.each([path, '/v1/popular', '/v1/users/nobody/recommendations'])('%s', (path) => {
  const ask = async (query: string) => idsOf(await startWorker().get(`${path}?${query}`))

  test('offset leaves out the beginning; past the end the list is empty', async () => {
    expect(await ask('k=3&offset=2')).toEqual(all.slice(2, 5))
    expect(await ask('k=3&offset=11')).toEqual(all.slice(11))
    expect(await ask('k=3&offset=12')).toEqual([])
    expect(await ask('offset=1000000')).toEqual([])
  })

  test('what is excluded makes room for what follows', async () => {
    expect(await ask('k=3&exclude=item/0&exclude=item%2F2&exclude=unknown')).toEqual([
      'item/1',
      'item/3',
      'item/4',
    ])
  })

  test('a comma in exclude belongs to the id', async () => {
    expect(await ask('k=2&exclude=item/0,item/1')).toEqual(all.slice(0, 2))
  })

  test('with a category all k items are of it, and an empty one asks for those without', async () => {
    expect(await ask('k=3&category=tea')).toEqual(['item/0', 'item/3', 'item/6'])
    expect(await ask('category=tea&offset=3')).toEqual(['item/9'])
    expect(await ask('k=2&category=')).toEqual(['item/2', 'item/5'])
    expect(await ask('category=none')).toEqual([])
  })
})

test('any options give what filtering the whole list gives, by query and by body', {
  timeout: 60_000,
}, async () => {
  const options = fc.record(
    {
      k: fc.integer({ min: 1, max: 12 }),
      offset: fc.integer({ min: 0, max: 14 }),
      exclude: fc.array(fc.constantFrom(...all, 'unknown', 'a,b', '+ &')),
      category: fc.constantFrom('tea', 'pottery', ''),
    },
    { requiredKeys: [] },
  )
  const worker = startWorker()
  await fc.assert(
    fc.asyncProperty(options, async (asked) => {
      const { k = 10, offset = 0, exclude = [], category } = asked
      const want = all
        .filter((id) => !exclude.includes(id))
        .filter((id) => category === undefined || (listed(id).category ?? '') === category)
        .slice(offset, offset + k)
      const query = new URLSearchParams(
        Object.entries(asked).flatMap(([name, value]) =>
          [value].flat().map((one): [string, string] => [name, String(one)]),
        ),
      )
      expect(await idsOf(await worker.get(`${path}?${query}`))).toEqual(want)
      expect(await idsOf(await worker.get(path, postJson(asked)))).toEqual(want)
    }),
    { numRuns: 60 },
  )
})

describe('recommendationId', () => {
  const idAt = async (init?: RequestInit) =>
    (await (await startWorker().get(path, init)).json<{ recommendationId: string }>()).recommendationId

  test('is of one answer alone', async () => {
    const ids = [await idAt(), await idAt(), await idAt(postJson({})), await idAt(postJson({}))]
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('does not make an answer of the same version a new one: the client gets 304 and keeps the id it has', async () => {
    const etag = (await startWorker().get(path)).headers.get('ETag') ?? ''
    const again = await startWorker().get(path, { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })
})

describe('a wrong query is a problem that names the parameter', () => {
  const long = 'x'.repeat(1025)
  test.each([
    ['offset=-1', 'invalid-offset', 'invalid offset: -1 (want an integer from 0 to 1000000)'],
    ['offset=1&offset=2', 'invalid-offset', 'invalid offset: 1, 2 (want an integer from 0 to 1000000)'],
    ['category=a&category=b', 'invalid-category', 'invalid category: a, b (want a string)'],
    [
      `category=${long}`,
      'invalid-category',
      `invalid category: ${long.slice(0, 50)} (want 0 to 1024 bytes of well-formed Unicode)`,
    ],
    [
      `exclude=a&exclude=${long}`,
      'invalid-exclude',
      `invalid exclude[1]: a, ${long.slice(0, 47)} (want 1 to 1024 bytes of well-formed Unicode)`,
    ],
    [
      Array.from({ length: 101 }, (_, i) => `exclude=${i}`).join('&'),
      'invalid-exclude',
      `invalid exclude: ${Array.from({ length: 101 }, (_, i) => i)
        .join(', ')
        .slice(0, 50)} (want 0 to 100 entries, not 101)`,
    ],
  ])('%.30s', async (query, code, detail) => {
    for (const at of [path, '/v1/popular']) {
      const response = await startWorker().get(`${at}?${query}`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ code, detail })
    }
  })
})
