import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { FoldInComponent } from '../../edge/fold-in/component.ts'
import { plainScores } from '../../edge/fold-in/plain-scores.ts'
import { WasmScores } from '../../edge/fold-in/wasm-scores.ts'
import type { FoldInHead, FoldInPart } from '../../shared/fold-in-part.ts'
import { foldInPartKey } from '../../shared/kv-keys.ts'
import {
  catalogue,
  first,
  hideItems,
  idsOf,
  point,
  postJson,
  putVersion,
  second,
  startWorker,
  userRow,
} from './seed.ts'
import { madeFoldIn, putFoldIn } from './seed-fold-in.ts'

const itemIds = catalogue.map(({ itemId }) => itemId)

describe('scores', () => {
  test.each([1, 16, 20, 160])(
    'by WebAssembly are those of plain JavaScript, bit by bit, with %i hidden units',
    (hidden) => {
      const items = 333
      const part = {
        itemIds: [],
        encoder: new Int8Array(),
        encoderScales: new Float32Array(),
        decoder: Int8Array.from({ length: items * hidden }, (_, i) => ((i * 7919) % 255) - 127),
        decoderScales: Float32Array.from({ length: items }, (_, i) => 0.001 * (i % 17)),
        outputBias: Float32Array.from({ length: items }, (_, i) => Math.sin(i)),
      }
      const scores = new WasmScores(items, hidden)
      scores.load(0, part.decoder, part.decoderScales, part.outputBias)
      for (const layer of [
        Float32Array.from({ length: hidden }, (_, k) => Math.cos(3 * k)),
        // As far as 16 bits go: no sum may overflow.
        new Float32Array(hidden).fill(1),
        new Float32Array(hidden).fill(-1),
      ]) {
        expect(scores.score(layer)).toEqual(plainScores(part, layer))
      }
    },
  )
})

describe('a component', () => {
  const { head, parts } = madeFoldIn(itemIds, 3)
  const component = new FoldInComponent(head, parts)

  test('lists what the equation says, in float64', () => {
    const history = ['item/2', 'item/7', 'item/11']
    const { itemIds: found, scores } = component.list(history, ['item/0'], 5)
    const want = [...equation(head, parts, history)]
      .filter(([itemId]) => ![...history, 'item/0'].includes(itemId))
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
    expect(found).toEqual(want.map(([itemId]) => itemId))
    for (const [n, [, score]] of want.entries()) expect(scores[n]).toBeCloseTo(score, 3)
  })

  test('explains by what a score loses without an item', () => {
    const history = ['item/2', 'item/7', 'item/11', 'item/4']
    const [moves = []] = component.explain(history, ['item/6'], 4)
    const whole = equation(head, parts, history).get('item/6') as number
    const lost = history
      .map((itemId) => {
        const without = equation(
          head,
          parts,
          history.filter((id) => id !== itemId),
        )
        return { itemId, by: whole - (without.get('item/6') as number) }
      })
      .filter(({ by }) => by > 0)
      .sort((a, b) => b.by - a.by)
    const total = lost.reduce((sum, { by }) => sum + by, 0)
    expect(moves.length).toBeGreaterThan(0)
    expect(moves.map(({ itemId }) => itemId)).toEqual(lost.map(({ itemId }) => itemId))
    for (const [n, { by }] of lost.entries()) expect(moves[n]?.share).toBeCloseTo(by / total, 5)
  })

  test('asks what the first fifty items of a long history moved, and no more', () => {
    const many = Array.from({ length: 90 }, (_, i) => `many/${i}`)
    const made = madeFoldIn(many)
    const [moves = []] = new FoldInComponent(made.head, made.parts).explain(
      many.slice(0, 80),
      ['many/85'],
      80,
    )
    const firstFifty = new Set(many.slice(0, 50))
    expect(moves.length).toBeGreaterThan(5)
    expect(moves.every(({ itemId }) => firstFifty.has(itemId))).toBe(true)
    expect(moves.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  test('counts an item of a history once, and leaves out what it does not know', () => {
    expect(component.known(['item/3', 'stranger', 'item/3', 'item/1'])).toEqual(['item/3', 'item/1'])
  })
})

describe('POST /v1/recommendations', () => {
  const ask = (body: object) => ['/v1/recommendations', postJson(body)] as const

  beforeEach(async () => {
    await reset()
    const foldIn = await putFoldIn(first, itemIds, 2)
    await putVersion(first, [userRow('ann')], { foldIn })
    await point(first)
  })

  test('makes a list of a history, without the history itself', async () => {
    const { head, parts } = madeFoldIn(itemIds, 2)
    const answer = await (
      await startWorker().get(...ask({ itemIds: ['item/3', 'stranger', 'item/5'], k: 4 }))
    ).json()
    const want = [...equation(head, parts, ['item/3', 'item/5'])]
      .filter(([itemId]) => itemId !== 'item/3' && itemId !== 'item/5')
      .sort((a, b) => b[1] - a[1])
    expect(answer).toMatchObject({ versionId: first, source: 'fold-in' })
    expect((answer as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(
      want.slice(0, 4).map(([itemId]) => itemId),
    )
    expect(answer).not.toHaveProperty('items[0].because')
  })

  test('leaves out what is hidden, excluded, or of another category, and still fills k', async () => {
    const worker = startWorker()
    const all = await idsOf(await worker.get(...ask({ itemIds: ['item/1'], k: 11 })))
    expect(new Set(all)).toEqual(new Set(itemIds.filter((id) => id !== 'item/1')))
    await hideItems(all[0] as string)
    worker.clock.ms += 10_000
    expect(await idsOf(await worker.get(...ask({ itemIds: ['item/1'], k: 3, exclude: [all[1]] })))).toEqual(
      all.slice(2, 5),
    )
    const tea = await idsOf(await worker.get(...ask({ itemIds: ['item/1'], category: 'tea' })))
    const isTea = (id: string) => catalogue.find(({ itemId }) => itemId === id)?.category === 'tea'
    expect(tea).toEqual(all.slice(1).filter(isTea))
  })

  test('answers the popular list, and says so, where it knows none of the history or has no component', async () => {
    const worker = startWorker()
    expect(await (await worker.get(...ask({ itemIds: ['stranger'], k: 2 }))).json()).toMatchObject({
      source: 'popular',
      items: [{ id: 'item/0' }, { id: 'item/1' }],
    })
    await putVersion(second, [userRow('ann')])
    await point(second, first)
    worker.clock.ms += 10_000
    // What was asked with is left out of the popular list as well.
    expect(await (await worker.get(...ask({ itemIds: ['item/0'], k: 2 }))).json()).toMatchObject({
      source: 'popular',
      items: [{ id: 'item/1' }, { id: 'item/2' }],
    })
  })

  test('answers from the version before where a part is not there yet', async () => {
    const foldIn = await putFoldIn(second, itemIds, 2)
    await putVersion(second, [userRow('ann')], { foldIn })
    await env.LISTS.delete(foldInPartKey(second, 1))
    await point(second, first)
    const worker = startWorker()
    expect(await (await worker.get(...ask({ itemIds: ['item/3'] }))).json()).toMatchObject({
      versionId: first,
    })
    await env.LISTS.put(foldInPartKey(first, 0), 'no Arrow')
    expect((await startWorker().get(...ask({ itemIds: ['item/3'] }))).status).toBe(503)
  })

  test('explains with titles, most first, and does not name what is hidden', async () => {
    const worker = startWorker()
    const history = ['item/3', 'item/5', 'item/8']
    const explained = async () => {
      const response = await worker.get(...ask({ itemIds: history, k: 5, explain: true }))
      const { items } = await response.json<{
        items: { because: { id: string; title: string; share: number }[] }[]
      }>()
      return items.map(({ because }) => because)
    }
    const before = await explained()
    for (const because of before) {
      for (const { id, title } of because) expect(title).toBe(`Title ${id.slice('item/'.length)}`)
      const shares = because.map(({ share }) => share)
      expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    }
    const named = before.flat().map(({ id }) => id)
    expect(named.length).toBeGreaterThan(0)
    await hideItems(named[0] as string)
    worker.clock.ms += 10_000
    expect((await explained()).flat().map(({ id }) => id)).not.toContain(named[0])
  })

  test("a user's list is explained to holders of a key, by their history", async () => {
    const foldIn = await putFoldIn(second, itemIds)
    await putVersion(second, [{ ...userRow('ann'), history: ['item/9', 'item/10'] }], { foldIn })
    await point(second)
    const path = '/v1/users/ann/recommendations?explain=true&k=3'
    expect((await startWorker().get(path)).status).toBe(403)
    const API_KEYS = 'shop=0123456789abcdef'
    const keyed = startWorker(undefined, env.LISTS, { API_KEYS })
    const response = await keyed.get(path, { headers: { Authorization: 'Bearer 0123456789abcdef' } })
    const { source, items } = await response.json<{
      source: string
      items: { because: { id: string }[] }[]
    }>()
    expect(source).toBe('personal')
    const named = new Set(items.flatMap(({ because }) => because.map(({ id }) => id)))
    expect([...named].every((id) => ['item/9', 'item/10'].includes(id))).toBe(true)
    expect(named.size).toBeGreaterThan(0)
  })

  test('an unknown user with items in the request gets a list of them, a known one their own', async () => {
    const worker = startWorker()
    const made = await idsOf(await worker.get(...ask({ itemIds: ['item/3', 'item/5'], k: 4 })))
    const byQuery = await worker.get('/v1/users/nobody/recommendations?itemIds=item/3&itemIds=item/5&k=4')
    expect(await byQuery.clone().json()).toMatchObject({ userId: 'nobody', source: 'fold-in' })
    expect(await idsOf(byQuery)).toEqual(made)
    const body = postJson({ itemIds: ['item/3', 'item/5'], k: 4 })
    expect(await idsOf(await worker.get('/v1/users/nobody/recommendations', body))).toEqual(made)
    expect(await (await worker.get('/v1/users/ann/recommendations', body)).json()).toMatchObject({
      source: 'personal',
    })
  })
})

/** The component's equation in float64, over its rounded weights: scores by item id. */
function equation(
  { hidden, hiddenBias }: FoldInHead,
  parts: FoldInPart[],
  history: string[],
): Map<string, number> {
  const rows = parts.flatMap((part) =>
    part.itemIds.map((itemId, n) => {
      const row = (weights: Int8Array, scale = 0) =>
        [...weights.subarray(n * hidden, (n + 1) * hidden)].map((w) => scale * w)
      return {
        itemId,
        encoder: row(part.encoder, part.encoderScales[n]),
        decoder: row(part.decoder, part.decoderScales[n]),
        bias: part.outputBias[n] as number,
      }
    }),
  )
  const known = rows.filter(({ itemId }) => history.includes(itemId))
  const layer = hiddenBias.map((bias, k) => {
    const sum = known.reduce((total, { encoder }) => total + (encoder[k] as number), 0)
    return Math.tanh(bias + sum / Math.sqrt(Math.max(1, known.length)))
  })
  return new Map(
    rows.map(({ itemId, decoder, bias }) => [
      itemId,
      layer.reduce((score, h, k) => score + h * (decoder[k] as number), bias),
    ]),
  )
}
