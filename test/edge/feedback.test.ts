import { createExecutionContext, createMessageBatch, getQueueResult, reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../../edge/app.ts'
import type { Delivery } from '../../edge/feedback/delivery.ts'
import worker from '../../edge/worker.ts'
import { postJson, startWorker } from './seed.ts'

const now = '2026-04-23T05:15:00.000Z'
const click = { userId: 'ann', itemId: 'a/b', event: 'click' }
const post = (...events: unknown[]) => startWorker().get('/v1/feedback', postJson({ events }))

beforeEach(reset)

/** What lies in the bucket: the lines of each object, by key. */
async function stored(): Promise<Record<string, Record<string, unknown>[]>> {
  const { objects } = await env.FEEDBACK.list()
  const entries = objects.map(async ({ key }) => {
    const text = await (await env.FEEDBACK.get(key))?.text()
    const lines = (text ?? '').trimEnd().split('\n')
    return [key, lines.map((line) => JSON.parse(line))] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

describe('POST /v1/feedback', () => {
  test('stores the events of a request as JSON lines, in an object named after the moment', async () => {
    const response = await post(
      click,
      { ...click, itemId: 'é', event: 'buy', time: '2026-04-23T07:00:00+02:00', recommendationId: 'r1' },
      { ...click, event: 'view', time: 1776920400123 },
    )
    expect(response.status).toBe(202)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.json()).toEqual({ accepted: 3 })
    const [[key, lines] = ['', []], ...more] = Object.entries(await stored())
    expect(more).toEqual([])
    expect(key).toMatch(/^feedback\/2026-04-23\/051500000-[0-9a-f]{32}\.jsonl$/)
    expect(lines).toEqual([
      { user_id: 'ann', item_id: 'a/b', event: 'click', time: now, event_id: expect.stringMatching(/-0$/) },
      {
        user_id: 'ann',
        item_id: 'é',
        event: 'buy',
        time: '2026-04-23T05:00:00.000Z',
        recommendation_id: 'r1',
        event_id: expect.stringMatching(/-1$/),
      },
      {
        user_id: 'ann',
        item_id: 'a/b',
        event: 'view',
        time: '2026-04-23T05:00:00.123Z',
        event_id: expect.stringMatching(/-2$/),
      },
    ])
    expect(new Set(lines.map((line) => line.event_id)).size).toBe(3)
  })

  test.each([
    ['events[0].event: want view or click or buy', { ...click, event: 'wish' }],
    ['events[0].userId: want 1 to 1024 bytes of well-formed Unicode', { ...click, userId: '' }],
    ['events[0].itemId: want no NUL character', { ...click, itemId: 'a\0' }],
    ['events[0].itemId: want no NUL character', { ...click, itemId: '\ufeffa' }],
    ['events[0].time: want a time in ISO 8601', { ...click, time: 1776920400 }],
    ['events[0].time: want a time in ISO 8601', { ...click, time: '2026-04-23T05:15:00' }],
    ['events[0].time: want a time in ISO 8601', { ...click, time: '2026-13-23T05:15:00Z' }],
    ['events[0].time: want a time that is not in the future', { ...click, time: '2026-04-23T05:20:00.001Z' }],
    ['events[0].price: want only the fields', { ...click, price: 3 }],
  ])('refuses, and stores nothing of the request: %s', async (detail, event) => {
    const response = await post(event, click)
    expect(await response.json()).toMatchObject({
      status: 400,
      code: 'invalid-body',
      detail: expect.stringContaining(`body.${detail}`),
    })
    expect(await stored()).toEqual({})
  })

  test('takes what clocks differ by, and a hundred events, not more', async () => {
    expect((await post({ ...click, time: '2026-04-23T05:20:00Z' })).status).toBe(202)
    expect((await post(...Array(100).fill(click))).status).toBe(202)
    expect((await post(...Array(101).fill(click))).status).toBe(400)
    expect((await post()).status).toBe(400)
  })

  test('with neither a queue nor a bucket it says that there is no feedback', async () => {
    const request = new Request('https://nightjar.test/v1/feedback', postJson({ events: [click] }))
    const response = await createApp().fetch(request, { LISTS: env.LISTS })
    expect(await response.json()).toMatchObject({ status: 404, code: 'feedback-off' })
  })
})

describe('with a queue', () => {
  test('a request becomes an object by way of the queue', async () => {
    const response = await exports.default.fetch(
      new Request('https://nightjar.test/v1/feedback', postJson({ events: [click] })),
    )
    expect(response.status).toBe(202)
    expect(await stored()).toEqual({})
    await vi.waitFor(async () => expect(Object.keys(await stored())).toHaveLength(1), {
      timeout: 15_000,
      interval: 500,
    })
    expect(Object.values(await stored())[0]).toMatchObject([
      { user_id: 'ann', item_id: 'a/b', event: 'click' },
    ])
  }, 20_000)

  const delivery = (id: string, receivedAt = Date.parse(now)): Delivery => ({
    id,
    receivedAt,
    lines: [{ user_id: id, item_id: 'x', event: 'view', time: now, event_id: `${id}-0` }],
  })
  const deliver = async (...deliveries: Delivery[]) => {
    const messages = deliveries.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts: 1, body }))
    const batch = createMessageBatch<Delivery>('nightjar-feedback', messages)
    const context = createExecutionContext()
    await worker.queue(batch, env)
    return getQueueResult(batch, context)
  }

  test('a batch is one object; brought again, in whatever order or with one twice, it adds nothing', async () => {
    const [a, b] = [delivery('a', Date.parse(now) + 5), delivery('b')]
    expect((await deliver(a, b)).outcome).toBe('ok')
    const once = await stored()
    expect(Object.keys(once)).toEqual([expect.stringContaining('feedback/2026-04-23/051500000-')])
    expect(Object.values(once)[0]?.map((line) => line.user_id)).toEqual(['a', 'b'])
    await deliver(b, a, b)
    expect(await stored()).toEqual(once)
    await deliver(delivery('c'))
    expect(Object.keys(await stored())).toHaveLength(2)
  })

  test('where the bucket fails, the batch is not taken for stored', async () => {
    const batch = createMessageBatch<Delivery>('nightjar-feedback', [
      { id: 'm', timestamp: new Date(), attempts: 1, body: delivery('a') },
    ])
    const put = () => Promise.reject(new Error('away'))
    await expect(worker.queue(batch, { ...env, FEEDBACK: { put } as never })).rejects.toThrow('away')
    const { FEEDBACK: _, ...without } = env
    await expect(worker.queue(batch, without)).rejects.toThrow('no bucket FEEDBACK')
  })
})
