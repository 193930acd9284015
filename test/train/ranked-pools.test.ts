import { describe, expect, it } from 'vitest'
import { Random } from '../../job/data/random.ts'
import { blendMetrics, type Pool } from '../../job/train/blend-pools.ts'
import { moved, ndcgOf, rankedPools, sumOf } from '../../job/train/ranked-pools.ts'

/** Forty users' candidates by three parts; some have no held-out item among them. */
function madePools(score: (random: Random) => number): Pool[] {
  const random = new Random(7)
  return Array.from({ length: 40 }, (_, user) => {
    const items = Uint32Array.from({ length: 30 + (user % 5) }, (_, n) => 3 * n)
    const scores = Float32Array.from({ length: 3 * items.length }, () => score(random))
    const heldOut = Uint32Array.from(
      { length: 1 + (user % 14) },
      (_, n) => 3 * ((7 * n + user) % 30) + (user % 3),
    )
    return { items, scores, heldOut }
  })
}

describe('NDCG@10 from the ranks of what is held out', () => {
  it('is that of the lists, where scores are equal as well', () => {
    const pools = madePools((random) => random.below(8) / 4)
    const ranked = rankedPools(pools)
    for (const weights of [
      [0.5, 0.25, 0.25],
      [1, 0, 0],
      [0, 0.5, 0.5],
    ]) {
      const sums = ranked.map((pool) => sumOf(pool, weights))
      expect(ndcgOf(ranked, sums)).toBeCloseTo(blendMetrics(pools, weights).ndcg, 12)
    }
  })

  it('after a move is that of the weights after it', () => {
    const ranked = rankedPools(madePools((random) => random.next()))
    const weights = [0.5, 0.25, 0.25]
    const sums = ranked.map((pool) => sumOf(pool, weights))
    for (const move of [
      { part: 1, by: 0.25 },
      { part: 0, by: -0.5 },
      { part: 2, by: 1 },
    ]) {
      const after = moved(weights, move)
      expect(after.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      const own = ranked.map((pool) => sumOf(pool, after))
      expect(ndcgOf(ranked, sums, move)).toBeCloseTo(ndcgOf(ranked, own), 12)
    }
  })
})
