import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../../job/data/csr-matrix.ts'
import { plantTastes } from '../../../job/data/planted-tastes.ts'
import { Random } from '../../../job/data/random.ts'
import { FoldInEngine } from '../../../job/engine/fold-in/fold-in-engine.ts'
import type { FoldInOptions } from '../../../job/engine/fold-in/fold-in-options.ts'
import { foldIn } from '../../../job/engine/fold-in/fold-in-weights.ts'
import { selectTopK } from '../../../shared/top-k.ts'
import { differentiate, type Parameters, plainEpoch, plainLoss, plainParameters } from './plain-fold-in.ts'

const options: FoldInOptions = {
  // Not a multiple of a vector, and the bias behind it.
  hidden: 9,
  unobserved: 0.3,
  dropout: 0,
  l2: 0.7,
  learningRate: 0.01,
  batchUsers: 1000,
  seed: 3,
}

/** 23 users, of whom one has nothing, and 17 items. */
function smallRatings() {
  const random = new Random(5)
  const pairs = Array.from({ length: 120 }, () => [random.below(22), random.below(17)])
  return csrFromPairs(
    Uint32Array.from(pairs, (p) => p[0]),
    Uint32Array.from(pairs, (p) => p[1]),
    23,
    17,
  )
}

describe('the fold-in engine', () => {
  it('takes the steps of plain loops in float64, whose gradient is that of finite differences', async () => {
    const ratings = smallRatings()
    const engine = await FoldInEngine.create(ratings, options, 2)
    const plain = plainParameters(engine.weights())
    const gradient = differentiate(plain, ratings, options)
    for (const name of Object.keys(plain) as (keyof Parameters)[]) {
      for (const at of [0, plain[name].length >> 1, plain[name].length - 1]) {
        const loss = (by: number) => {
          const moved = { ...plain, [name]: plain[name].with(at, plain[name][at] + by) }
          return plainLoss(moved, ratings, options).withL2
        }
        expect(gradient[name][at]).toBeCloseTo((loss(1e-5) - loss(-1e-5)) / 2e-5, 4)
      }
    }
    const adam = { step: 0, first: {}, second: {} }
    for (let epoch = 1; epoch <= 10; epoch++) {
      const want = plainLoss(plain, ratings, options).loss
      expect(Math.abs((await engine.epoch(epoch)) - want) / want).toBeLessThan(1e-5)
      plainEpoch(plain, ratings, options, adam)
    }
    const after = plainParameters(engine.weights())
    for (const name of Object.keys(plain) as (keyof Parameters)[]) {
      const furthest = Math.max(...plain[name].map((value, i) => Math.abs(value - after[name][i])))
      expect(furthest, name).toBeLessThan(1e-4)
    }
  })

  it('ranks as the equation does', async () => {
    const ratings = smallRatings()
    const engine = await FoldInEngine.create(ratings, { ...options, hidden: 24, batchUsers: 7 }, 1)
    for (let epoch = 1; epoch <= 5; epoch++) await engine.epoch(epoch)
    const users = Uint32Array.of(0, 22, 5)
    const lists = await engine.topK(users, 6, ratings)
    users.forEach((user, row) => {
      const scores = Float32Array.from(foldIn(engine.weights(), rowOf(ratings, user)))
      for (const item of rowOf(ratings, user)) scores[item] = Number.NEGATIVE_INFINITY
      const want = selectTopK(scores, 6)
      expect([...lists[row].items]).toEqual([...want.items])
      lists[row].scores.forEach((score, rank) => {
        expect(score).toBeCloseTo(want.scores[rank], 5)
      })
    })
  })

  it('gives the same bits for the same seed and any number of threads, others for another seed, also with items left out at random', async () => {
    const trained = async (seed: number, threads: number) => {
      const more = { dropout: 0.5, batchUsers: 5, seed }
      const engine = await FoldInEngine.create(smallRatings(), { ...options, ...more }, threads)
      for (let epoch = 1; epoch <= 3; epoch++) await engine.epoch(epoch)
      const found = { weights: engine.weights(), scores: engine.scores(Uint32Array.of(0, 3, 4)) }
      engine.close()
      return found
    }
    const [a, b, c] = [await trained(1, 1), await trained(1, 3), await trained(2, 1)]
    expect(b).toEqual(a)
    expect(c).not.toEqual(a)
  })

  it('finds the tastes of people whom it never saw, by three of their items', async () => {
    const shop = plantTastes({ users: 600, itemsPerTaste: 20, itemsPerUser: 15 }, 1)
    const itemIndex = new Map(shop.items.map(({ id }, index) => [id, index]))
    const userIndex = new Map(shop.users.map(({ id }, index) => [id, index]))
    const ratings = csrFromPairs(
      Uint32Array.from(shop.train, ({ userId }) => userIndex.get(userId) as number),
      Uint32Array.from(shop.train, ({ itemId }) => itemIndex.get(itemId) as number),
      shop.users.length,
      shop.items.length,
    )
    const settings = { ...options, hidden: 32, dropout: 0.5, unobserved: 0.2, l2: 5, batchUsers: 75 }
    const engine = await FoldInEngine.create(ratings, settings, 1)
    for (let epoch = 1; epoch <= 40; epoch++) await engine.epoch(epoch)
    const categories = [...new Set(shop.items.map(({ category }) => category))]
    const right = categories.map((category) => {
      const own = shop.items.flatMap((item, index) => (item.category === category ? [index] : []))
      const history = own.slice(0, 3)
      const scores = Float32Array.from(foldIn(engine.weights(), history))
      for (const item of history) scores[item] = Number.NEGATIVE_INFINITY
      return (
        [...selectTopK(scores, 10).items].filter((item) => shop.items[item].category === category).length / 10
      )
    })
    // By chance it would be one in twelve.
    expect(right.reduce((sum, share) => sum + share, 0) / right.length).toBeGreaterThan(0.9)
  })
})
