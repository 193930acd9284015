import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { EaseEngine, type EaseOptions } from '../../../job/engine/linear/ease-engine.ts'
import { plainEaseScores, plainInverse } from './plain-ease.ts'
import { randomRatings } from './random-ratings.ts'

const plain = { l2: 7, dropout: 0, rowExponent: 0, itemExponent: 0 }

describe('the inverse of EASE', () => {
  // One block, whole blocks, and a last block of one row; strides that are and are not whole pages.
  for (const items of [5, 64, 129, 200]) {
    it(`is that of plain float64 loops with ${items} items, and so are the scores`, async () => {
      const ratings = randomRatings(150, items, 3000)
      const engine = await EaseEngine.create(ratings, 2, plain)
      const blocks: number[] = []
      await engine.fit(async (done) => {
        blocks.push(done)
      })
      expect(blocks).toEqual(Array.from({ length: Math.ceil(items / 64) }, (_, n) => n + 1))
      const want = plainInverse(ratings, plain)
      const packed = engine.inverse()
      const largest = Math.max(...want.map((row) => Math.max(...row)))
      let furthest = 0
      for (let i = 0, at = 0; i < items; i++) {
        for (let j = 0; j <= i; j++) furthest = Math.max(furthest, Math.abs(packed[at++] - want[i][j]))
      }
      expect(furthest / largest).toBeLessThan(1e-5)

      const users = Uint32Array.from({ length: 150 }, (_, user) => user)
      const scores = engine.scores(users)
      const wanted = plainEaseScores(ratings, want, plain).flat()
      expect(Math.max(...wanted.map((score, n) => Math.abs(score - scores[n])))).toBeLessThan(1e-4)
      engine.close()
    })
  }

  it('is that of weighted rows with a part left out, and popular items are marked down', async () => {
    const ratings = randomRatings(150, 70, 3000)
    const options: EaseOptions = { l2: 7, dropout: 0.4, rowExponent: 0.3, itemExponent: 0.2 }
    const engine = await EaseEngine.create(ratings, 2, options)
    await engine.fit(async () => {})
    const users = Uint32Array.from({ length: 150 }, (_, user) => user)
    const scores = engine.scores(users)
    const wanted = plainEaseScores(ratings, plainInverse(ratings, options), options).flat()
    expect(Math.max(...wanted.map((score, n) => Math.abs(score - scores[n])))).toBeLessThan(1e-4)
    const unlike = plainEaseScores(ratings, plainInverse(ratings, plain), plain).flat()
    expect(Math.max(...unlike.map((score, n) => Math.abs(score - scores[n])))).toBeGreaterThan(0.05)
    engine.close()
  })

  it('is refused where rounding eats l2: two items of the same users', async () => {
    const everyone = Uint32Array.from({ length: 2000 }, (_, n) => n >> 1)
    const twins = csrFromPairs(
      everyone,
      everyone.map((_, n) => n & 1),
      1000,
      2,
    )
    const weak = await EaseEngine.create(twins, 1, { ...plain, l2: 1e-6 })
    await expect(weak.fit(async () => {})).rejects.toMatchObject({ code: 'EASE_CONDITION' })
    weak.close()
    const engine = await EaseEngine.create(twins, 1, { ...plain, l2: 1 })
    await engine.fit(async () => {})
    expect([...engine.scores(Uint32Array.of(0))].map((score) => score.toFixed(2))).toEqual(['1.00', '1.00'])
    engine.close()
  })

  it('is loaded from what was saved, bit by bit', async () => {
    const ratings = randomRatings(150, 100, 3000)
    const options = { ...plain, itemExponent: 0.1 }
    const engine = await EaseEngine.create(ratings, 1, options)
    await engine.fit(async () => {})
    const other = await EaseEngine.create(ratings, 2, options)
    other.load(engine.inverse())
    expect(other.inverse()).toEqual(engine.inverse())
    expect(other.scores(Uint32Array.of(3, 149))).toEqual(engine.scores(Uint32Array.of(3, 149)))
    engine.close()
    other.close()
  })
})
