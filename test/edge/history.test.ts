import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { first, hideItems, listed, point, putVersion, startWorker, userRow } from './seed.ts'

beforeEach(async () => {
  await reset()
  await putVersion(first, [userRow('ann/é', 0, ['item/3', 'item/6', 'item/1']), userRow('new')])
  await point(first)
})

const path = `/v1/users/${encodeURIComponent('ann/é')}/history`

describe('/v1/users/:id/history', () => {
  test('answers the items newest first, with titles and without scores', async () => {
    const response = await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(path)
    expect(response.headers.get('Cache-Control')).toBe('private, max-age=30')
    expect(await response.json()).toEqual({
      versionId: first,
      userId: 'ann/é',
      items: [listed('item/3'), listed('item/6'), listed('item/1')],
    })
  })

  test('leaves out what is hidden', async () => {
    await hideItems('item/6')
    const { items } = await (
      await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(path)
    ).json<{ items: unknown[] }>()
    expect(items).toEqual([listed('item/3'), listed('item/1')])
  })

  test('may be empty for a user of the version, and is a 404 problem for no user of it', async () => {
    const known = await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(
      '/v1/users/new/history',
    )
    expect(await known.json()).toMatchObject({ userId: 'new', items: [] })
    const unknown = await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(
      '/v1/users/nobody/history',
    )
    expect(await unknown.json()).toMatchObject({ status: 404, code: 'unknown-user' })
  })

  test('a version without histories says so, whoever is asked for', async () => {
    await putVersion(first, [userRow('ann/é')], { historyMax: 0 })
    for (const id of [encodeURIComponent('ann/é'), 'nobody']) {
      const response = await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(
        `/v1/users/${id}/history`,
      )
      expect(await response.json()).toMatchObject({
        status: 404,
        code: 'no-histories',
        detail: 'this version was published without histories',
      })
    }
  })

  test('a client that has the version gets 304', async () => {
    const headers = { 'If-None-Match': `W/"${first}"` }
    expect(
      (await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get(path, { headers })).status,
    ).toBe(304)
  })
})
