import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { uint32, utf8 } from '@uwdata/flechette'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBucketTable } from '../../shared/bucket-table.ts'
import { itemBucketKey } from '../../shared/kv-keys.ts'
import { first, hideItems, idsOf, point, putVersion, startWorker } from './seed.ts'

const path = '/v1/items/item%2F1/similar'

beforeEach(async () => {
  await reset()
  await putVersion(first, [])
  await point(first)
})

describe('/v1/items/:id/similar', () => {
  test('answers the similar items with titles and scores, best first, ten if not told', async () => {
    const response = await startWorker().get(`${path}?k=3`)
    expect(response.headers.get('ETag')).toBe(`W/"${first}"`)
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=30')
    expect(await response.json()).toEqual({
      versionId: first,
      id: 'item/1',
      items: [
        { id: 'item/2', title: 'Title 2', score: 1 },
        { id: 'item/3', title: 'Title 3', category: 'tea', score: 0.9375 },
        { id: 'item/4', title: 'Title 4', category: 'pottery', score: 0.875 },
      ],
    })
    expect(await idsOf(await startWorker().get(path))).toHaveLength(10)
  })

  test('takes offset, exclude and category as every list does', async () => {
    const { get } = startWorker()
    expect(await idsOf(await get(`${path}?k=2&offset=9`))).toEqual(['item/11', 'item/0'])
    expect(await idsOf(await get(`${path}?k=2&exclude=item%2F2&exclude=item%2F4`))).toEqual([
      'item/3',
      'item/5',
    ])
    expect(await idsOf(await get(`${path}?category=tea`))).toEqual(['item/3', 'item/6', 'item/9', 'item/0'])
  })

  test('takes k to 20', async () => {
    expect((await startWorker().get(`${path}?k=20`)).status).toBe(200)
    expect(await (await startWorker().get(`${path}?k=21`)).json()).toMatchObject({
      status: 400,
      detail: 'invalid k: 21 (want an integer from 1 to 20)',
    })
  })

  test('a hidden item is in no list, the next one moves up, and its own list is gone', async () => {
    await hideItems('item/2', 'item/5')
    const { get } = startWorker()
    expect(await (await get(`${path}?k=3`)).json()).toMatchObject({
      items: [
        { id: 'item/3', score: 0.9375 },
        { id: 'item/4', score: 0.875 },
        { id: 'item/6', score: 0.75 },
      ],
    })
    expect(await (await get('/v1/items/item%2F5/similar')).json()).toMatchObject({
      status: 404,
      code: 'unknown-item',
    })
  })

  test('an unknown item is a 404 problem', async () => {
    expect(await (await startWorker().get('/v1/items/nothing/similar')).json()).toMatchObject({
      status: 404,
      code: 'unknown-item',
    })
  })

  test('a client that has the version gets 304', async () => {
    const headers = { 'If-None-Match': `W/"${first}"` }
    expect((await startWorker().get(path, { headers })).status).toBe(304)
  })

  test('a version from before there were similar items has none', async () => {
    const before = encodeBucketTable({
      item_id: { type: utf8(), values: ['item/1'] },
      title: { type: utf8(), values: ['Title 1'] },
      category: { type: utf8(), values: ['pottery'] },
      count: { type: uint32(), values: [99] },
    })
    for (const bucket of [0, 1]) await env.LISTS.put(itemBucketKey(first, bucket), before)
    const { get } = startWorker()
    expect(await (await get(path)).json()).toEqual({ versionId: first, id: 'item/1', items: [] })
    expect((await get('/v1/items/item%2F1')).status).toBe(200)
  })
})
