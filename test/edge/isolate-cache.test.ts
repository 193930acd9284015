import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { IsolateCache } from '../../edge/isolate-cache.ts'
import { bucketOf, userBucketKey } from '../../shared/kv-keys.ts'
import { first, point, putVersion, second, startWorker, userRow } from './seed.ts'

describe('IsolateCache', () => {
  test('gives up what was used longest ago', () => {
    const cache = new IsolateCache<string>(30)
    for (const key of ['a', 'b', 'c']) cache.set(key, key.toUpperCase(), 10)
    expect(cache.get('a')).toBe('A')
    cache.set('d', 'D', 10)
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['A', undefined, 'C', 'D'])
  })

  test('keeps nothing that is larger than all of it, and forgets what it replaces', () => {
    const cache = new IsolateCache<string>(30)
    cache.set('a', 'small', 10)
    cache.set('b', 'other', 10)
    cache.set('a', 'large', 31)
    expect([cache.get('a'), cache.get('b'), cache.bytes]).toEqual([undefined, 'other', 10])
  })

  test('behaves as a list kept in order of use does, and never holds more than its bytes', () => {
    const action = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      bytes: fc.option(fc.integer({ min: 0, max: 60 })),
    })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const cache = new IsolateCache<number>(100)
        let plain: { key: string; bytes: number; value: number }[] = []
        for (const [value, { key, bytes }] of actions.entries()) {
          const known = plain.find((entry) => entry.key === key)
          if (bytes === null) {
            expect(cache.get(key)).toBe(known?.value)
            if (known) plain = [...plain.filter((entry) => entry !== known), known]
          } else {
            cache.set(key, value, bytes)
            plain = [...plain.filter((entry) => entry !== known), { key, bytes, value }]
          }
          const sum = () => plain.reduce((total, entry) => total + entry.bytes, 0)
          while (sum() > 100) plain.shift()
          expect(cache.bytes).toBe(sum())
        }
      }),
    )
  })
})

describe('a worker', () => {
  beforeEach(async () => {
    await reset()
    await putVersion(first, [userRow('ann'), userRow('bob', 3)], { userBucketCount: 1 })
    await point(first)
  })

  const path = '/v1/users/ann/recommendations'
  const countsOf = ({ logged }: ReturnType<typeof startWorker>) =>
    logged.map(({ kvReads, cacheHits }) => [kvReads, cacheHits])

  test('reads a value once: the next request finds it opened', async () => {
    const worker = startWorker()
    const answers = []
    for (const asked of [path, path, '/v1/users/bob/recommendations', '/v1/popular', '/v1/popular']) {
      answers.push(await (await worker.get(asked)).json<{ items: unknown }>())
    }
    // The pointer, what is hidden, the description, a bucket of users, two of items.
    expect(countsOf(worker)).toEqual([
      [6, 0],
      [0, 4],
      [0, 4],
      [1, 3],
      [0, 4],
    ])
    expect(answers[1]?.items).toEqual(answers[0]?.items)
    expect(answers[4]).toEqual(answers[3])
  })

  test('goes on with what it has when a key disappears, and answers from the next version when there is one', async () => {
    const worker = startWorker()
    await worker.get(path)
    await env.LISTS.delete(userBucketKey(first, 0))
    expect(await (await worker.get(path)).json()).toMatchObject({ versionId: first, source: 'personal' })
    await putVersion(second, [userRow('ann', 4)])
    await point(second, first)
    worker.clock.ms += 5_000
    expect(await (await worker.get(path)).json()).toMatchObject({
      versionId: second,
      items: [{ id: 'item/4' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    })
  })

  test('does not remember that a key was missing', async () => {
    await putVersion(second, [userRow('ann', 4)])
    const key = userBucketKey(second, bucketOf('ann', 4))
    const bucket = await env.LISTS.get(key, 'arrayBuffer')
    await env.LISTS.delete(key)
    await point(second, first)
    const worker = startWorker()
    const versionOf = async () => (await (await worker.get(path)).json<{ versionId: string }>()).versionId
    expect(await versionOf()).toBe(first)
    await env.LISTS.put(key, bucket as ArrayBuffer)
    expect(await versionOf()).toBe(second)
  })
})
