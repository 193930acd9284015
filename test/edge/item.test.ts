import { reset } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { first, point, putVersion, startWorker } from './seed.ts'

beforeAll(async () => {
  await reset()
  await putVersion(first, [])
  await point(first)
})

describe('/v1/items/:id', () => {
  test('answers what is known of the item', async () => {
    const response = await startWorker().get('/v1/items/item%2F1')
    expect(response.headers.get('ETag')).toBe(`W/"${first}"`)
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=30')
    expect(await response.json()).toEqual({
      versionId: first,
      id: 'item/1',
      title: 'Title 1',
      category: 'pottery',
      count: 99,
    })
  })

  test('leaves out a title and a category that the source did not have', async () => {
    const titleless = await startWorker().get('/v1/items/item%2F6')
    expect(await titleless.json()).toEqual({ versionId: first, id: 'item/6', category: 'tea', count: 94 })
    const loose = await startWorker().get('/v1/items/item%2F2')
    expect(await loose.json()).toEqual({ versionId: first, id: 'item/2', title: 'Title 2', count: 98 })
  })

  test('an unknown item is a 404 problem', async () => {
    const response = await startWorker().get('/v1/items/nothing')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ status: 404, code: 'unknown-item' })
  })

  test('an id that is not percent-encoded UTF-8 is a problem', async () => {
    const response = await startWorker().get('/v1/items/%ff')
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid-item-id' })
  })

  test('a client that has the version gets 304', async () => {
    const headers = { 'If-None-Match': `W/"${first}"` }
    expect((await startWorker().get('/v1/items/item%2F1', { headers })).status).toBe(304)
  })

  test.each(['*', `W/"${first}"`])(
    'an unknown item is a 404 problem also for a client that says it has %s',
    async (tag) => {
      const response = await startWorker().get('/v1/items/nothing', { headers: { 'If-None-Match': tag } })
      expect(response.status).toBe(404)
    },
  )
})
