import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { fromJSONSchema } from 'zod'
import { createApp } from '../../edge/app.ts'
import type { AppEnv } from '../../edge/env.ts'
import type { OpenapiDocument } from '../../edge/openapi.ts'
import { metaKey } from '../../shared/kv-keys.ts'
import { problemKinds } from '../../shared/problem.ts'
import { catalogue, first, point, postJson, putVersion, second, startWorker, userRow } from './seed.ts'
import { putFoldIn } from './seed-fold-in.ts'

const document = await (await startWorker().get('/openapi.json')).json<OpenapiDocument>()

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

/** For each operation: a request that is answered, and for each of its own problems one that meets it. */
const requests: Record<string, { right: Ask; wrong?: Record<string, Ask> }> = {
  recommendations: {
    right: ['/v1/users/ann/recommendations?k=2&category=tea'],
    wrong: {
      ...wrongQueries('/v1/users/ann/recommendations'),
      'invalid-explain': ['/v1/users/ann/recommendations?explain=yes'],
      'invalid-item-ids': ['/v1/users/ann/recommendations?itemIds='],
      'key-required': ['/v1/users/ann/recommendations?explain=true'],
      'no-fold-in': ['/v1/users/ann/recommendations?explain=true'],
      ...wrongUser(),
      ...tooMany(),
    },
  },
  recommendationsByBody: {
    right: ['/v1/users/ann/recommendations', postJson({ k: 2, exclude: ['item/0'] })],
    wrong: {
      ...wrongBodies('/v1/users/ann/recommendations'),
      'key-required': ['/v1/users/ann/recommendations', postJson({ explain: true })],
      'no-fold-in': ['/v1/users/ann/recommendations', postJson({ explain: true })],
      ...wrongUser(postJson({})),
      ...tooMany(postJson({ category: 'tea' })),
    },
  },
  foldIn: {
    right: ['/v1/recommendations', postJson({ itemIds: ['item/1', 'item/5'], k: 3, explain: true })],
    wrong: {
      ...wrongBodies('/v1/recommendations'),
      'too-many-lookups': ['/v1/recommendations', postJson({ itemIds: ['far/0'], category: 'tea' })],
      'no-fold-in': ['/v1/recommendations', postJson({ itemIds: ['item/1'], explain: true })],
    },
  },
  recommendationsOfMany: {
    right: ['/v1/users/recommendations:batch', postJson({ userIds: ['ann', 'nobody'] })],
    wrong: {
      ...wrongBodies('/v1/users/recommendations:batch'),
      'too-many-lookups': [
        '/v1/users/recommendations:batch',
        postJson({ userIds: ['wide'], category: 'tea' }),
      ],
    },
  },
  item: {
    right: ['/v1/items/item%2F1'],
    wrong: { 'invalid-item-id': ['/v1/items/%ff'], 'unknown-item': ['/v1/items/nothing'] },
  },
  similar: {
    right: ['/v1/items/item%2F1/similar?k=2&category=tea'],
    wrong: {
      ...wrongQueries('/v1/items/item%2F1/similar'),
      'invalid-item-id': ['/v1/items/%ff/similar'],
      'unknown-item': ['/v1/items/nothing/similar'],
    },
  },
  history: {
    right: ['/v1/users/ann/history'],
    wrong: {
      'invalid-user-id': ['/v1/users/%ff/history'],
      'unknown-user': ['/v1/users/nobody/history'],
    },
  },
  examples: { right: ['/v1/examples'] },
  versions: { right: ['/v1/versions'] },
  popular: { right: ['/v1/popular?offset=6&k=2'], wrong: wrongQueries('/v1/popular') },
  model: { right: ['/v1/model'] },
  feedback: {
    right: ['/v1/feedback', postJson({ events: [{ userId: 'ann', itemId: 'item/1', event: 'click' }] })],
    wrong: wrongBodies('/v1/feedback'),
  },
  live: { right: ['/health/live'] },
  ready: { right: ['/health/ready'] },
  openapi: { right: ['/openapi.json'] },
}

type Ask = [path: string, init?: RequestInit | undefined]

function wrongQueries(path: string): Record<string, Ask> {
  return {
    'invalid-k': [`${path}?k=0`],
    'invalid-offset': [`${path}?offset=x`],
    'invalid-exclude': [`${path}?exclude=`],
    'invalid-category': [`${path}?category=a&category=b`],
  }
}

function wrongBodies(path: string): Record<string, Ask> {
  return {
    'invalid-json': [path, postJson('{')],
    'invalid-body': [path, postJson({ k: 'ten' })],
    'body-too-large': [path, postJson(' '.repeat(65_537))],
    'unsupported-media-type': [path, { method: 'POST', body: 'k=3' }],
  }
}

function wrongUser(init?: RequestInit): Record<string, Ask> {
  return { 'invalid-user-id': ['/v1/users/%ff/recommendations', init] }
}

function tooMany(init?: RequestInit): Record<string, Ask> {
  return { 'too-many-lookups': ['/v1/users/wide/recommendations?category=tea', init] }
}

/** Fails where the response is not what the document says of the operation. */
async function expectDescribed(operation: (typeof operations)[number], response: Response) {
  const described = operation.responses[response.status]
  expect(described, `${operation.operationId} may answer ${response.status}`).toBeDefined()
  const schema = described?.content?.[response.headers.get('Content-Type') ?? '']?.schema
  expect(schema, `${operation.operationId} may answer this content type`).toBeDefined()
  const body = await response.json<{ code?: string }>()
  expect(fromJSONSchema(schema as never).safeParse(body).error).toBeUndefined()
  return body
}

async function publish(hasFoldIn: boolean) {
  // 500 items in more buckets than one answer may read.
  const itemIds = Array.from({ length: 500 }, (_, i) => `far/${i}`)
  const wide = { ...userRow('wide'), itemIds, scores: itemIds.map(() => 1) }
  const known = [...catalogue.map(({ itemId }) => itemId), ...itemIds]
  const foldIn = hasFoldIn ? { foldIn: await putFoldIn(first, known) } : {}
  await putVersion(first, [userRow('ann', 0, ['item/3', 'item/1']), wide], {
    k: 600,
    items: known.length,
    ...foldIn,
  })
  await putVersion(second, [userRow('ann')])
  await point(first, second)
}

const fails = () => Promise.reject(new Error('a secret'))

/** What is bound where another than the usual is to answer. */
const bindingsFor: Record<string, Partial<AppEnv['Bindings']>> = {
  unauthorized: { API_KEYS: 'shop=0123456789abcdef' },
  misconfigured: { API_KEYS: 'shop=short' },
  'rate-limited': { RATE_LIMIT: env.RATE_LIMIT },
  'no-fold-in': { OPEN_HISTORIES: 'true' },
  'feedback-off': { FEEDBACK: undefined as never },
  internal: { OPEN_HISTORIES: 'true', FEEDBACK: { put: fails } as unknown as R2Bucket },
  'key-required': {},
}

/** What else is asked may see histories. */
const openHistories = { OPEN_HISTORIES: 'true' }

beforeEach(() => reset())

/** The page is for people, and in no document. */
const pagePaths = ['/', '/page/:file']

test('the document describes every route of the app but the page, and no other', () => {
  const inApp = createApp()
    .routes.filter(({ method, path }) => method !== 'ALL' && !pagePaths.includes(path))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/\/:(\w+)/g, '/{$1}')}`)
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(inApp.sort())
})

test('every code of a problem is one that some operation may answer, but for those of no route', () => {
  const codes = operations.flatMap(({ responses }) => Object.values(responses).flatMap(codesOf))
  const ofNoRoute = ['not-found', 'method-not-allowed']
  expect([...new Set([...codes, ...ofNoRoute])].sort()).toEqual(Object.keys(problemKinds).sort())
})

describe.each(operations)('$method $path', (operation) => {
  const { right, wrong = {} } = requests[operation.operationId] ?? { right: [''] }
  const codes = Object.values(operation.responses).flatMap(codesOf)

  test('answers what its schema says', async () => {
    await publish(true)
    const response = await startWorker(undefined, env.LISTS, openHistories).get(...right)
    expect(response.ok).toBe(true)
    await expectDescribed(operation, response)
  })

  test('refuses what its schema refuses', async () => {
    const schema = operation.requestBody?.content['application/json']?.schema
    if (schema === undefined) return
    const check = fromJSONSchema(schema as never)
    expect(check.safeParse(JSON.parse(String(right[1]?.body))).success).toBe(true)
    expect(check.safeParse(JSON.parse(String(wrong['invalid-body']?.[1]?.body))).success).toBe(false)
  })

  test.each(codes)('answers %s as its schema says', async (code) => {
    const ask = wrong[code] ?? right
    if (code !== 'nothing-published') await publish(code !== 'no-fold-in')
    if (code === 'too-many-lookups') await spreadItems()
    if (code === 'no-histories') await putVersion(first, [], { historyMax: 0 })
    if (code === 'version-incomplete') {
      for (const versionId of [first, second]) await env.LISTS.delete(metaKey(versionId))
    }
    const broken = { get: fails } as unknown as KVNamespace
    const worker = startWorker(
      undefined,
      code === 'internal' ? broken : env.LISTS,
      bindingsFor[code] ?? openHistories,
    )
    if (code === 'rate-limited') await exhaustLimit()
    const response = await worker.get(...ask)
    expect(await expectDescribed(operation, response)).toMatchObject({ code })
  })
})

/** The codes of the problems that a response may hold. */
function codesOf({ content }: { content?: Record<string, { schema: unknown }> }): string[] {
  const { schema } = content?.['application/problem+json'] ?? {}
  return (schema as { properties: { code: { enum: string[] } } } | undefined)?.properties.code.enum ?? []
}

async function exhaustLimit() {
  while ((await env.RATE_LIMIT.limit({ key: 'everybody' })).success);
}

async function spreadItems() {
  const meta = await env.LISTS.get<object>(metaKey(first), 'json')
  await env.LISTS.put(metaKey(first), JSON.stringify({ ...meta, itemBucketCount: 2 ** 20 }))
}
