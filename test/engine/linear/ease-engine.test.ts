import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { EaseEngine } from '../../../job/engine/linear/ease-engine.ts'
import { plainEaseScores, plainInverse } from './plain-ease.ts'
import { randomRatings } from './random-ratings.ts'

describe('the inverse of EASE', () => {
  // One block, whole blocks, and a last block of one row; strides that are and are not whole pages.
  for (const items of [5, 64, 129, 200]) {
    it(`is that of plain float64 loops with ${items} items, and so are the scores`, async () => {
      const ratings = randomRatings(150, items, 3000)
      const engine = await EaseEngine.create(ratings, 2)
      const blocks: number[] = []
      await engine.fit(7, async (done) => {
        blocks.push(done)
      })
      expect(blocks).toEqual(Array.from({ length: Math.ceil(items / 64) }, (_, n) => n + 1))
      const want = plainInverse(ratings, 7)
      const packed = engine.inverse()
      const largest = Math.max(...want.map((row) => Math.max(...row)))
      let furthest = 0
      for (let i = 0, at = 0; i < items; i++) {
        for (let j = 0; j <= i; j++) furthest = Math.max(furthest, Math.abs(packed[at++] - want[i][j]))
      }
      expect(furthest / largest).toBeLessThan(1e-5)

      const users = Uint32Array.from({ length: 150 }, (_, user) => user)
      const scores = engine.scores(users)
      const wanted = plainEaseScores(ratings, want).flat()
      expect(Math.max(...wanted.map((score, n) => Math.abs(score - scores[n])))).toBeLessThan(1e-4)
      engine.close()
    })
  }

  it('is refused where rounding eats l2: two items of the same users', async () => {
    const everyone = Uint32Array.from({ length: 2000 }, (_, n) => n >> 1)
    const twins = csrFromPairs(
      everyone,
      everyone.map((_, n) => n & 1),
      1000,
      2,
    )
    const engine = await EaseEngine.create(twins, 1)
    await expect(engine.fit(1e-6, async () => {})).rejects.toMatchObject({ code: 'EASE_CONDITION' })
    await engine.fit(1, async () => {})
    expect([...engine.scores(Uint32Array.of(0))].map((score) => score.toFixed(2))).toEqual(['1.00', '1.00'])
    engine.close()
  })

  it('is loaded from what was saved, bit by bit', async () => {
    const ratings = randomRatings(150, 100, 3000)
    const engine = await EaseEngine.create(ratings, 1)
    await engine.fit(7, async () => {})
    const other = await EaseEngine.create(ratings, 2)
    other.load(engine.inverse())
    expect(other.inverse()).toEqual(engine.inverse())
    expect(other.scores(Uint32Array.of(3, 149))).toEqual(engine.scores(Uint32Array.of(3, 149)))
    engine.close()
    other.close()
  })
})
