import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { currentKey, metaKey } from '../../shared/kv-keys.ts'
import { first, point, putVersion, second, startWorker, userRow } from './seed.ts'

beforeEach(reset)

const versionsOf = async () =>
  (await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get('/v1/versions')).json<
    Record<string, unknown>
  >()

describe('/v1/versions', () => {
  test('answers the only version alone', async () => {
    const meta = await putVersion(first, [])
    await point(first)
    expect(await versionsOf()).toEqual({ current: meta, publishedAt: '2026-04-23T04:00:00.000Z' })
  })

  test('answers the one before it too, and a pin', async () => {
    const before = await putVersion(first, [], { metrics: { ndcg10: 0.2 } })
    const meta = await putVersion(second, [])
    await point(second, first)
    const pointer = await env.LISTS.get<object>(currentKey, 'json')
    await env.LISTS.put(currentKey, JSON.stringify({ ...pointer, pinned: second }))
    expect(await versionsOf()).toMatchObject({ current: meta, previous: before, pinned: second })
  })

  test('leaves out one before it that is gone', async () => {
    await putVersion(second, [])
    await point(second, first)
    expect(await versionsOf()).not.toHaveProperty('previous')
  })

  test('where the one before it answers, there is no other', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const meta = await putVersion(first, [])
    await putVersion(second, [])
    await env.LISTS.delete(metaKey(second))
    await point(second, first)
    const found = await versionsOf()
    expect(found).toMatchObject({ current: meta })
    expect(found).not.toHaveProperty('previous')
    vi.restoreAllMocks()
  })
})

describe('/v1/examples', () => {
  test('answers a few users of the version', async () => {
    const userIds = Array.from({ length: 40 }, (_, i) => `user ${i}`)
    await putVersion(
      first,
      userIds.map((id) => userRow(id)),
    )
    await point(first)
    const found = await (
      await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get('/v1/examples')
    ).json<{ userIds: string[] }>()
    expect(found.userIds).toHaveLength(5)
    expect(userIds).toEqual(expect.arrayContaining(found.userIds))
  })

  test('looks further where a bucket is empty, and finds nobody where nobody is', async () => {
    await putVersion(first, [userRow('ann')])
    await point(first)
    expect(
      await (await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get('/v1/examples')).json(),
    ).toMatchObject({ userIds: ['ann'] })
    await putVersion(first, [])
    expect(
      await (await startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' }).get('/v1/examples')).json(),
    ).toMatchObject({ userIds: [] })
  })
})
