import { describe, expect, it } from 'vitest'
import { Random } from '../../job/data/random.ts'

describe('Random', () => {
  it('gives the same stream for the same seed, another for another, on every machine', () => {
    const draw = (...seed: number[]) => {
      const random = new Random(...seed)
      return Array.from({ length: 4 }, () => random.bits())
    }
    expect(draw(1, 2)).toEqual(draw(1, 2))
    expect(draw(1, 2)).not.toEqual(draw(2, 1))
    expect(draw(1)).not.toEqual(draw(1, 0))
    // Written down once: a change of the generator changes every published figure.
    expect(draw(7)).toMatchInlineSnapshot(`
      [
        2087210514,
        51145811,
        1316168168,
        4111095897,
      ]
    `)
  })

  it('is uniform: every sixteenth of [0, 1) gets its share', () => {
    const random = new Random(3)
    const counts = new Array(16).fill(0)
    const draws = 160_000
    for (let i = 0; i < draws; i++) counts[Math.floor(random.next() * 16)]++
    // Chi square with 15 degrees of freedom: 37.7 is passed once in a thousand seeds.
    const expected = draws / 16
    expect(counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(37.7)
  })

  it('draws normal numbers cut at two deviations', () => {
    const random = new Random(4)
    const drawn = Array.from({ length: 100_000 }, () => random.truncatedNormal())
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length
    const variance = drawn.reduce((sum, x) => sum + x * x, 0) / drawn.length
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(2)
    expect(Math.abs(mean)).toBeLessThan(0.01)
    // A standard normal cut at +-2 has variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737.
    expect(Math.abs(variance - 0.7737)).toBeLessThan(0.01)
  })

  it('shuffles without losing anything', () => {
    const order = Uint32Array.from({ length: 100 }, (_, i) => i)
    new Random(5).shuffle(order)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(order[0] === 0 && order[1] === 1 && order[2] === 2).toBe(false)
  })
})
