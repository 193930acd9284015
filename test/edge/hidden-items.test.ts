import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { bucketOf, hiddenKey, userBucketKey } from '../../shared/kv-keys.ts'
import { first, hideItems, point, putVersion, second, startWorker, userRow } from './seed.ts'

interface Answer {
  versionId: string
  source: string
  items: { id: string; title?: string; score?: number }[]
}

type Worker = ReturnType<typeof startWorker>

const routes = [
  ['personal', '/v1/users/ann/recommendations'],
  ['popular', '/v1/users/nobody/recommendations'],
  ['popular', '/v1/popular'],
] as const

const answerOf = async (worker: Worker, path: string) => (await worker.get(path)).json<Answer>()
const idsOf = async (worker: Worker, path: string) => (await answerOf(worker, path)).items.map(({ id }) => id)
const upTo = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, i) => `item/${start + i}`)

beforeEach(async () => {
  await reset()
  // Twelve items a list.
  await putVersion(first, [userRow('ann')])
  await point(first)
})

describe.each(routes)('a %s list, %s', (source, path) => {
  test('loses hidden items when the isolate next reads the pointer, and still holds k', async () => {
    const worker = startWorker()
    expect(await idsOf(worker, `${path}?k=10`)).toEqual(upTo(0, 10))
    await hideItems('item/0', 'item/1')
    worker.clock.ms += 4_999
    expect(await idsOf(worker, `${path}?k=10`)).toEqual(upTo(0, 10))
    worker.clock.ms += 1
    expect(await answerOf(worker, `${path}?k=10`)).toMatchObject({ versionId: first, source })
    expect(await idsOf(worker, `${path}?k=10`)).toEqual(upTo(2, 12))
    expect(await idsOf(worker, `${path}?k=1`)).toEqual(['item/2'])
  })

  test('has them again when they are unhidden, and when the key is gone', async () => {
    await hideItems('item/0', 'item/2')
    const worker = startWorker()
    expect(await idsOf(worker, `${path}?k=2`)).toEqual(['item/1', 'item/3'])
    await hideItems('item/2')
    worker.clock.ms += 5_000
    expect(await idsOf(worker, `${path}?k=2`)).toEqual(['item/0', 'item/1'])
    await env.LISTS.delete(hiddenKey)
    worker.clock.ms += 5_000
    expect(await idsOf(worker, `${path}?k=3`)).toEqual(upTo(0, 3))
  })

  test('may be empty, where everything is hidden', async () => {
    await hideItems(...upTo(0, 12))
    const response = await startWorker().get(path)
    expect([response.status, (await response.json<Answer>()).items]).toEqual([200, []])
  })

  test('a client that has the list from before gets a new one, not 304', async () => {
    const worker = startWorker()
    const tagFor = async (etag: string) => {
      worker.clock.ms += 5_000
      const response = await worker.get(path, { headers: { 'If-None-Match': etag } })
      return [response.status, response.headers.get('ETag')] as const
    }
    const plain = `W/"${first}"`
    expect(await tagFor(plain)).toEqual([304, plain])
    await hideItems('item/0')
    const [status, hidden] = await tagFor(plain)
    expect([status, hidden]).toEqual([200, expect.stringMatching(`^W/"${first}\\.[0-9a-f]{8}"$`)])
    expect(await tagFor(hidden ?? '')).toEqual([304, hidden])
    await hideItems('item/1')
    const [changedStatus, changed] = await tagFor(hidden ?? '')
    expect([changedStatus, changed === hidden]).toEqual([200, false])
    await hideItems()
    expect(await tagFor(changed ?? '')).toEqual([200, plain])
  })
})

test('a personal list keeps titles and scores with their items', async () => {
  await hideItems('item/1', 'item/not there')
  const { items } = await answerOf(startWorker(), '/v1/users/ann/recommendations?k=2')
  expect(items).toEqual([
    { id: 'item/0', title: 'Title 0', category: 'tea', score: 2 },
    { id: 'item/2', title: 'Title 2', score: 2 - 2 / 16 },
  ])
})

test('a hidden item is not there when it is asked for by its id, and is again once it is not hidden', async () => {
  await hideItems('item/1')
  expect((await startWorker().get('/v1/items/item%2F1')).status).toBe(404)
  await hideItems()
  expect((await startWorker().get('/v1/items/item%2F1')).status).toBe(200)
})

test('what a list holds beyond k is its reserve; asked for whole, it is shorter by what is hidden', async () => {
  await hideItems('item/0', 'item/3')
  const worker = startWorker()
  const lengthOf = async (k: number) =>
    (await answerOf(worker, `/v1/users/ann/recommendations?k=${k}`)).items.length
  expect(await lengthOf(10)).toBe(10)
  expect(await lengthOf(12)).toBe(10)
})

test('the version that answers for an incomplete one is without hidden items too', async () => {
  await putVersion(second, [userRow('ann', 4)])
  await env.LISTS.delete(userBucketKey(second, bucketOf('ann', 4)))
  await point(second, first)
  await hideItems('item/0')
  const response = await startWorker().get('/v1/users/ann/recommendations?k=2')
  expect(response.headers.get('ETag')).toMatch(new RegExp(`^W/"${first}\\.[0-9a-f]{8}"$`))
  const { versionId, items } = await response.json<Answer>()
  expect([versionId, items.map(({ id }) => id)]).toEqual([first, ['item/1', 'item/2']])
})

describe('a damaged value', () => {
  const damaged = ['', 'no JSON', '[]', 'null', '{"items":["a"]}', '{"items":[1],"changedAt":"x"}']
  const path = '/v1/users/ann/recommendations?k=1'

  test.each(damaged)('%j is logged, and what was hidden stays hidden', async (value) => {
    await hideItems('item/0')
    const worker = startWorker()
    expect(await idsOf(worker, path)).toEqual(['item/1'])
    await env.LISTS.put(hiddenKey, value)
    worker.clock.ms += 5_000
    expect(await idsOf(worker, path)).toEqual(['item/1'])
    expect(worker.messages('error')).toEqual([expect.stringContaining('"hidden" is damaged')])
    await hideItems('item/1')
    worker.clock.ms += 5_000
    expect(await idsOf(worker, path)).toEqual(['item/0'])
  })

  test('hides nothing in an isolate that never read a good one', async () => {
    await env.LISTS.put(hiddenKey, 'no JSON')
    expect(await idsOf(startWorker(), path)).toEqual(['item/0'])
  })
})

test('the hidden items are read beside the pointer, and as rarely', async () => {
  const read: string[] = []
  const kv = {
    get(key: string, ...options: []) {
      read.push(key)
      return env.LISTS.get(key, ...options)
    },
  }
  const worker = startWorker(undefined, kv as unknown as KVNamespace)
  const readsOfNext = async () => {
    read.length = 0
    await worker.get('/v1/model')
    return [...read]
  }
  expect(await readsOfNext()).toEqual(['current', 'hidden', `v/${first}/meta`])
  expect(await readsOfNext()).toEqual([])
  worker.clock.ms += 5_000
  expect(await readsOfNext()).toEqual(['current', 'hidden'])
})
