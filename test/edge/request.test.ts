import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { metaKey } from '../../shared/kv-keys.ts'
import { first, idsOf, listed, point, postJson, putVersion, second, startWorker, userRow } from './seed.ts'

beforeAll(async () => {
  await reset()
  await putVersion(first, [userRow('ann'), userRow('bob', 3), userRow('..', 5)])
  await point(first)
})

const path = '/v1/users/ann/recommendations'
const batchPath = '/v1/users/recommendations:batch'

describe('POST recommendations', () => {
  test('answers as GET does, and nobody may keep it', async () => {
    const response = await startWorker().get(path, postJson({ k: 1, offset: 1, exclude: ['item/0'] }))
    expect(response.status).toBe(200)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('ETag')).toBeNull()
    expect(await response.json()).toEqual({
      versionId: first,
      userId: 'ann',
      source: 'personal',
      recommendationId: expect.any(String),
      items: [{ ...listed('item/2'), score: 2 - 2 / 16 }],
    })
  })

  test('a thousand ids can be excluded', async () => {
    const exclude = Array.from({ length: 999 }, (_, i) => `other/${i}`).concat('item/0')
    expect(await idsOf(await startWorker().get(path, postJson({ k: 1, exclude })))).toEqual(['item/1'])
  })
})

describe('POST recommendations:batch', () => {
  test('answers a list for each user, in order, also for one who is asked for twice', async () => {
    const userIds = ['bob', 'nobody', 'ann', 'bob', '..']
    const response = await startWorker().get(batchPath, postJson({ userIds, k: 1, category: 'tea' }))
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const recommendationId = expect.any(String)
    const bob = {
      userId: 'bob',
      source: 'personal',
      recommendationId,
      items: [{ ...listed('item/3'), score: 2 }],
    }
    expect(await response.json()).toEqual({
      versionId: first,
      results: [
        bob,
        { userId: 'nobody', source: 'popular', recommendationId, items: [listed('item/0')] },
        { userId: 'ann', source: 'personal', recommendationId, items: [{ ...listed('item/0'), score: 2 }] },
        bob,
        {
          userId: '..',
          source: 'personal',
          recommendationId,
          items: [{ ...listed('item/6'), score: 1.9375 }],
        },
      ],
    })
  })

  test('reads a bucket once, however many of its users are asked for', async () => {
    const users = Array.from({ length: 100 }, (_, i) => `user-${i}`)
    await putVersion(
      first,
      users.slice(0, 90).map((id, i) => userRow(id, i)),
    )
    const keys: string[] = []
    const counting = {
      get(key: string, how: never) {
        keys.push(key)
        return env.LISTS.get(key, how)
      },
    }
    const worker = startWorker(undefined, counting as unknown as KVNamespace)
    const response = await worker.get(batchPath, postJson({ userIds: users }))
    expect((await response.json<{ results: [] }>()).results).toHaveLength(100)
    // The pointer, what is hidden, the description, the popular list once for ten unknown users, 4 buckets of users, 2 of
    // items.
    expect(keys).toHaveLength(4 + 4 + 2)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('more look-ups than a worker may make are a problem, not an internal error', async () => {
    // 500 items, and as many buckets as spread them: the look-ups are counted before any is made.
    const itemIds = Array.from({ length: 500 }, (_, i) => `far/${i}`)
    const wide = { ...userRow('wide'), itemIds, scores: itemIds.map(() => 1) }
    await putVersion(second, [wide], { k: 500 })
    const meta = (await env.LISTS.get<object>(metaKey(second), 'json')) ?? {}
    await env.LISTS.put(metaKey(second), JSON.stringify({ ...meta, itemBucketCount: 2 ** 20 }))
    await point(second)
    const response = await startWorker().get(batchPath, postJson({ userIds: ['wide'], category: 'tea' }))
    await point(first)
    expect(await response.json()).toMatchObject({ status: 400, code: 'too-many-lookups' })
  })
})

describe('a wrong body is a problem that says where', () => {
  const list = (entry: unknown, count: number) => Array.from({ length: count }, () => entry)
  const bytes = '1 to 1024 bytes of well-formed Unicode'
  test.each<[string, unknown, string]>([
    [path, [], 'body: want an object'],
    [path, null, 'body: want an object'],
    [path, { k: 0 }, 'body.k: want an integer from 1 to 12'],
    [path, { k: '3' }, 'body.k: want an integer from 1 to 12'],
    [path, { k: null }, 'body.k: want an integer from 1 to 12'],
    [path, { offset: 1.5 }, 'body.offset: want an integer from 0 to 1000000'],
    [path, { category: 7 }, 'body.category: want a string'],
    [path, { exclude: 'a' }, 'body.exclude: want a list'],
    [path, { exclude: ['a', 'b', 'c', 4] }, 'body.exclude[3]: want a string'],
    [path, { exclude: [''] }, `body.exclude[0]: want ${bytes}`],
    [path, { exclude: ['é'.repeat(513)] }, `body.exclude[0]: want ${bytes}`],
    [path, '{"exclude":["\\ud800"]}', `body.exclude[0]: want ${bytes}`],
    [path, { exclude: list('a', 1001) }, 'body.exclude: want 0 to 1000 entries, not 1001'],
    [path, { limit: 3 }, 'body.limit: want only the fields k, offset, exclude, category, explain, itemIds'],
    [
      path,
      '{"__proto__":{"k":1}}',
      'body.__proto__: want only the fields k, offset, exclude, category, explain, itemIds',
    ],
    [batchPath, {}, 'body.userIds: want a list'],
    [batchPath, { userIds: [] }, 'body.userIds: want 1 to 100 entries, not 0'],
    [batchPath, { userIds: list('a', 101) }, 'body.userIds: want 1 to 100 entries, not 101'],
    [batchPath, { userIds: ['a', null] }, 'body.userIds[1]: want a string'],
    [batchPath, { userIds: ['a'], offset: 1 }, 'body.offset: want only the fields userIds, k, category'],
  ])('%s %j', async (at, body, detail) => {
    const response = await startWorker().get(at, postJson(body))
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid-body', detail })
  })

  test.each(['', '{', 'k=3', '{"k":1}}', '['.repeat(60_000)])('%.20s is not JSON', async (body) => {
    for (const at of [path, batchPath]) {
      const response = await startWorker().get(at, postJson(body))
      expect(await response.json()).toMatchObject({ status: 400, code: 'invalid-json' })
    }
  })

  test('bytes that are not UTF-8 are not JSON', async () => {
    const response = await startWorker().get(path, {
      ...postJson(''),
      body: new Uint8Array([0x22, 0xff, 0x22]),
    })
    expect(await response.json()).toMatchObject({ code: 'invalid-json' })
  })

  test.each([undefined, 'text/plain', 'application/jsonp', 'multipart/form-data'])(
    'content type %s is a 415 problem',
    async (type) => {
      const headers = type === undefined ? {} : { 'Content-Type': type }
      const body = new TextEncoder().encode('{}')
      const response = await startWorker().get(path, { method: 'POST', headers, body })
      expect(await response.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' })
    },
  )

  test('a charset beside the content type is no matter', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' }
    expect((await startWorker().get(path, { method: 'POST', headers, body: '{}' })).status).toBe(200)
  })

  test('64 KiB are read, a byte more is a 413 problem', async () => {
    const padded = (length: number) => `{}${' '.repeat(length - 2)}`
    expect((await startWorker().get(path, postJson(padded(65_536)))).status).toBe(200)
    const response = await startWorker().get(path, postJson(padded(65_537)))
    expect(await response.json()).toMatchObject({ status: 413, code: 'body-too-large' })
  })

  test('a body without end is not read to its end', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024).fill(32))
        sent += 1024
      },
    })
    const response = await startWorker().get(path, { ...postJson(''), body })
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(200_000)
  })
})
