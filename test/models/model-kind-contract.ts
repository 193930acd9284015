import { describe, expect, it } from 'vitest'
import { type CsrMatrix, csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import type { FitState, Model, ModelKind } from '../../job/models/model.ts'
import { popularityRanker } from '../../job/models/popularity.ts'
import { openStore } from '../../job/store/open-store.ts'
import { selectTopK } from '../../shared/top-k.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

export interface KindUnderTest<Options extends object> {
  /** Over the defaults: small enough for a test. */
  options: Partial<Options>
  /** Enough to fit the checkerboard and the planted shop. */
  epochs: number
  /** Whether another seed gives other scores. */
  random: boolean
  /** Each is refused by the options' schema, alone. */
  refused: Record<string, unknown>[]
  /** Options for the planted shop, where others suit it. */
  shopOptions?: Partial<Options>
  /** NDCG@10 on the planted shop is at least this: measured, with room. Popularity has .065. */
  shopFloor: number
  /** What does not hold for this model, and why. */
  skips?: { checkerboard?: string; shop?: string }
}

/** A leak of the held-back rows of the planted shop would be near 1; what can be known of them is about .45. */
const suspicious = 0.6

const silent = async () => {}
const everyUser = (ratings: CsrMatrix) => Uint32Array.from({ length: ratings.rowCount }, (_, user) => user)

/** What every model must do, whatever it is. */
export function modelKindContract<Options extends object>(
  kind: ModelKind<Options>,
  tested: KindUnderTest<Options>,
): void {
  const create = (
    ratings: CsrMatrix,
    over: { seed?: number; threads?: number; options?: Partial<Options>; state?: FitState } = {},
  ): Promise<Model> => {
    const { seed = 1, threads = 2, options = tested.options, state } = over
    return kind.create({
      options: kind.options.parse({ ...kind.defaults, ...options }),
      ratings,
      seed,
      engine: wasmEngineOn(threads),
      threads,
      state,
    })
  }
  const run = async (model: Model, from: number, to: number): Promise<Model> => {
    for (let epoch = from; epoch <= to; epoch++) await model.epoch(epoch, silent)
    return model
  }
  /** For what does not ask how good it is, a few epochs will do. */
  const few = kind.oneEpoch ? 1 : 3
  const fitFew = async (ratings: CsrMatrix, over: Parameters<typeof create>[1] = {}) =>
    run(await create(ratings, over), 1, few)
  const scoresOf = async (model: Model, ratings: CsrMatrix) =>
    (await model.scores(everyUser(ratings))).slice()

  describe(`model contract: ${kind.name}`, () => {
    it('its defaults are options, and what is out of range is none', () => {
      expect(kind.options.parse(kind.defaults)).toEqual(kind.defaults)
      for (const wrong of tested.refused) {
        expect(kind.options.safeParse({ ...kind.defaults, ...wrong }).success, JSON.stringify(wrong)).toBe(
          false,
        )
      }
    })

    it('scores every item for every user, finitely, whoever has nothing and whatever nobody has', async () => {
      const { ratings } = checkerboard(20, 12, { emptyUsers: 1, emptyItems: 1 })
      const model = await fitFew(ratings)
      const scores = await scoresOf(model, ratings)
      expect(scores.length).toBe(21 * 13)
      expect(scores.every(Number.isFinite)).toBe(true)
      const some = await model.scores(Uint32Array.of(20, 3))
      expect([...some]).toEqual([...scores.subarray(20 * 13), ...scores.subarray(3 * 13, 4 * 13)])
      model.close()
    })

    it('gives the same bits for the same seed and any number of threads', async () => {
      const { ratings } = checkerboard(45, 23)
      const bits = async (seed: number, threads: number) =>
        scoresOf(await fitFew(ratings, { seed, threads }), ratings)
      const one = await bits(1, 1)
      expect(await bits(1, 1)).toEqual(one)
      expect(await bits(1, 3)).toEqual(one)
      if (tested.random) expect(await bits(2, 1)).not.toEqual(one)
      else expect(await bits(2, 1)).toEqual(one)
    })

    it('lists the best of its scores, and nothing that is masked', async () => {
      const { ratings } = checkerboard(20, 12, { emptyUsers: 1 })
      const model = await fitFew(ratings)
      const scores = await scoresOf(model, ratings)
      const lists = await model.topK(everyUser(ratings), 5, ratings)
      const unmasked = await model.topK(everyUser(ratings), 5, undefined)
      for (let user = 0; user < ratings.rowCount; user++) {
        const own = scores.slice(user * 12, (user + 1) * 12)
        expect(unmasked[user], `user ${user}`).toEqual(selectTopK(own, 5))
        for (const seen of rowOf(ratings, user)) own[seen] = Number.NEGATIVE_INFINITY
        expect(lists[user], `user ${user}`).toEqual(selectTopK(own, 5))
      }
      model.close()
    })

    it('saved and restored it scores the same, without what an optimizer remembers', async () => {
      const { ratings } = checkerboard(20, 12)
      const model = await fitFew(ratings)
      const want = await scoresOf(model, ratings)
      const lists = await model.topK(everyUser(ratings), 4, ratings)
      const state = await model.state()
      const shapes = kind.shapes(kind.options.parse({ ...kind.defaults, ...tested.options }), 20, 12)
      expect(
        Object.fromEntries(Object.entries(state.weights).map(([name, { shape }]) => [name, shape])),
      ).toEqual(shapes)
      for (const { shape, data } of Object.values(state.weights)) {
        expect(data.length).toBe(shape.reduce((product, length) => product * length, 1))
      }
      const restored = await create(ratings, { state: { ...state, memory: {} }, seed: 9 })
      expect(await scoresOf(restored, ratings)).toEqual(want)
      expect(await restored.topK(everyUser(ratings), 4, ratings)).toEqual(lists)
      restored.close()
      model.close()
    })

    const noSecond = kind.oneEpoch ? 'one epoch is all there is' : undefined
    it.skipIf(noSecond)(
      `n + m epochs end like n, a state, m epochs; a state is a copy${because(noSecond)}`,
      async () => {
        const { ratings } = checkerboard(20, 12)
        const through = await run(await create(ratings), 1, 5)
        const want = await scoresOf(through, ratings)
        const first = await run(await create(ratings), 1, 2)
        const state = await first.state()
        await run(first, 3, 4)
        const second = await run(await create(ratings, { state, threads: 1 }), 3, 5)
        expect(await scoresOf(second, ratings)).toEqual(want)
        expect((await second.state()).step).toBe((await through.state()).step)
        for (const model of [through, first, second]) model.close()
      },
    )

    const { checkerboard: noCheckerboard, shop: noShop } = tested.skips ?? {}
    it.skipIf(noCheckerboard)(
      `recovers the checkerboard: the held-out item of the own kind leads all of the other kind${because(noCheckerboard)}`,
      async () => {
        const { ratings, heldOut } = checkerboard(60, 30)
        const model = await run(await create(ratings), 1, tested.epochs)
        const lists = await model.topK(everyUser(ratings), 1, ratings)
        heldOut.forEach((item, user) => {
          expect(lists[user].items[0], `user ${user}`).toBe(item)
        })
        model.close()
      },
    )

    it.skipIf(noShop)(
      `finds planted tastes far better than popularity, and does not know what was held back${because(noShop)}`,
      async () => {
        const { dataset, test } = await makeShopDataset(openStore(await tempFolder()), 600)
        const ratings = await readRatings(dataset)
        const { rowCount, columnCount } = ratings
        const pairs = csrFromPairs(
          Uint32Array.from(test.users),
          Uint32Array.from(test.items),
          rowCount,
          columnCount,
        )
        const ndcg = async (ranker: Parameters<typeof evaluate>[0]) =>
          (await evaluate(ranker, ratings, { pairs }, [10])).metrics['10'].ndcg
        const options = tested.shopOptions ?? tested.options
        const model = await run(await create(ratings, { options }), 1, tested.epochs)
        const learned = await ndcg(model)
        model.close()
        expect(learned).toBeGreaterThan(3 * (await ndcg(popularityRanker(ratings))))
        expect(learned).toBeGreaterThan(tested.shopFloor)
        expect(learned).toBeLessThan(suspicious)
      },
    )
  })
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` [not here: ${reason}]`
}

/**
 * Users and items of two kinds; a user has items of their own kind, all but one that is held out. Behind them users who
 * have nothing, and items that nobody has.
 */
export function checkerboard(
  users: number,
  items: number,
  empty: { emptyUsers?: number; emptyItems?: number } = {},
) {
  const pairs: [number, number][] = []
  const heldOut: number[] = []
  for (let user = 0; user < users; user++) {
    const own = Array.from({ length: items }, (_, item) => item).filter((item) => item % 2 === user % 2)
    heldOut.push(own[(user * 7) % own.length])
    for (const item of own) if (item !== heldOut[user]) pairs.push([user, item])
  }
  const ratings = csrFromPairs(
    Uint32Array.from(pairs, ([user]) => user),
    Uint32Array.from(pairs, ([, item]) => item),
    users + (empty.emptyUsers ?? 0),
    items + (empty.emptyItems ?? 0),
  )
  return { ratings, heldOut }
}
