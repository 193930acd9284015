import { reset } from 'cloudflare:test'
import { hc } from 'hono/client'
import { beforeAll, expect, expectTypeOf, test } from 'vitest'
import type { AppType } from '../../edge/app.ts'
import { first, listed, point, putVersion, startWorker, userRow } from './seed.ts'

const worker = startWorker()
const client = hc<AppType>('https://nightjar.test', {
  fetch: async (url: RequestInfo | URL, init?: RequestInit) =>
    worker.get(String(url).replace('https://nightjar.test', ''), init),
})

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann'), userRow('a/b', 3)])
  await point(first)
})

test("hono's client gets a list, and knows the types of what it asks and gets", async () => {
  const one = client.v1.users[':id'].recommendations
  // The client puts a parameter into the path as it is.
  const param = { id: encodeURIComponent('a/b') }
  const answer = await (
    await one.$get({ param, query: { k: '1', exclude: ['item/3', 'a,b'], category: 'pottery' } })
  ).json()
  expect(answer).toMatchObject({ userId: 'a/b', source: 'personal', items: [listed('item/4')] })
  expectTypeOf(answer.source).toEqualTypeOf<'personal' | 'fold-in' | 'popular'>()
  expectTypeOf(answer.items[0]?.score).toEqualTypeOf<number | undefined>()

  const posted = await (await one.$post({ param, json: { k: 1, exclude: ['item/3'] } })).json()
  expect(posted.items.map(({ id }) => id)).toEqual(['item/4'])
  // @ts-expect-error there is no such field
  await one.$post({ param, json: { limit: 1 } })
})

test("hono's client gets the lists of many, an item and its similar ones, the popular list, the model and health, and sends feedback", async () => {
  const many = await client.v1.users['recommendations:batch'].$post({ json: { userIds: ['ann', 'nobody'] } })
  expect((await many.json()).results.map(({ source }) => source)).toEqual(['personal', 'popular'])

  const item = await client.v1.items[':id'].$get({ param: { id: encodeURIComponent('item/1') } })
  expect(await item.json()).toMatchObject({ id: 'item/1', count: 99 })

  const param = { id: encodeURIComponent('item/1') }
  const similar = await client.v1.items[':id'].similar.$get({ param, query: { k: '1' } })
  expect((await similar.json()).items).toEqual([{ ...listed('item/2'), score: 1 }])

  const events = [{ userId: 'ann', itemId: 'item/1', event: 'buy' as const }]
  expect(await (await client.v1.feedback.$post({ json: { events } })).json()).toEqual({ accepted: 1 })

  const popular = await (await client.v1.popular.$get({ query: { offset: '11' } })).json()
  expect(popular.items).toEqual([listed('item/11')])

  expect((await (await client.v1.model.$get()).json()).versionId).toBe(first)
  expect((await (await client.health.ready.$get()).json()).status).toBe('ready')
  expect((await (await client.health.live.$get()).json()).status).toBe('live')
})
