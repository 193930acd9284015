import { describe, expect, it } from 'vitest'
import { Random } from '../../job/data/random.ts'
import { interval, lowerBound, usualBootstrap } from '../../job/gate/bootstrap.ts'

/** The quantile of the means of all n^n resamples, one by one. */
function exactBound(values: number[], level: number): number {
  const n = values.length
  const means = Array.from({ length: n ** n }, (_, resample) => {
    let sum = 0
    for (let draw = 0, rest = resample; draw < n; draw++, rest = Math.floor(rest / n)) sum += values[rest % n]
    return sum / n
  }).sort((a, b) => a - b)
  return means[Math.floor(level * means.length)]
}

describe('the interval', () => {
  it('holds the true mean in about 95 % of samples', () => {
    let held = 0
    const samples = 400
    for (let sample = 0; sample < samples; sample++) {
      const random = new Random(8, sample)
      const found = interval(Float64Array.from({ length: 100 }, () => 0.3 + random.truncatedNormal()))
      if (found !== undefined && found.low < 0.3 && found.high > 0.3) held++
    }
    expect(held / samples).toBeGreaterThan(0.92)
    expect(held / samples).toBeLessThan(0.98)
  })

  it('of no values there is none', () => {
    expect(interval(new Float64Array())).toBeUndefined()
  })
})

describe('the lower bound', () => {
  it('is near that of all resamples there are', () => {
    for (const values of [
      [0, 0, 1],
      [-1, 0, 0.5, 0.25, 1],
      [0.1, -0.2, 0.3, -0.4, 0.5, -0.6],
    ]) {
      for (const level of [0.05, 0.25]) {
        const bound = lowerBound(Float64Array.from(values), { ...usualBootstrap, level })
        // One step of the few means that there are.
        expect(Math.abs(bound - exactBound(values, level))).toBeLessThan(0.1)
      }
    }
  })

  it('lies under the true mean in about 95 % of samples', () => {
    let under = 0
    const samples = 400
    for (let sample = 0; sample < samples; sample++) {
      const random = new Random(7, sample)
      const values = Float64Array.from({ length: 100 }, () => 0.3 + random.truncatedNormal())
      if (lowerBound(values, { ...usualBootstrap, resamples: 1000 }) < 0.3) under++
    }
    expect(under / samples).toBeGreaterThan(0.92)
    expect(under / samples).toBeLessThan(0.98)
  })

  it('is the same for the same seed, and the value itself where all are equal', () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i))
    expect(lowerBound(values, usualBootstrap)).toBe(lowerBound(values, usualBootstrap))
    expect(lowerBound(values, usualBootstrap)).not.toBe(lowerBound(values, { ...usualBootstrap, seed: 2 }))
    expect(lowerBound(new Float64Array(20).fill(0.25), usualBootstrap)).toBe(0.25)
  })
})
