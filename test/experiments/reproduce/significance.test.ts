import { describe, expect, it } from 'vitest'
import { compare, pairedT } from '../../../job/experiments/reproduce/significance.ts'
import { studentTwoSided } from '../../../job/experiments/reproduce/student-t.ts'
import { userValues } from '../../../job/experiments/reproduce/user-values.ts'
import { type MadeUser, madeOutcome } from './made-result.ts'

describe("Student's t, two-sided", () => {
  it('has closed forms with one and two degrees of freedom', () => {
    for (const t of [0, 1e-6, 0.3, 1, 2.5, 12.706, 400]) {
      // 1: the Cauchy distribution; 2: 1 - t / sqrt(2 + t^2).
      expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12)
      expect(studentTwoSided(-t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12)
    }
  })

  it('is what scipy 1.17 has: 2 * t.sf(t, degrees)', () => {
    for (const [t, degrees, p] of [
      [2, 3, 0.13932596855884305],
      [2.228138852, 10, 0.04999999999883647],
      [3.5, 20, 0.002255123153057165],
      [1.96, 1000, 0.050273184955748736],
      [5, 6026, 5.895214977317301e-7],
      [1e-6, 5, 0.9999992407866204],
    ])
      expect(Math.abs(studentTwoSided(t, degrees) / p - 1)).toBeLessThan(1e-9)
    expect(studentTwoSided(40, 19_055)).toBeLessThan(1e-300)
    expect(studentTwoSided(Number.POSITIVE_INFINITY, 5)).toBe(0)
  })
})

describe('the paired t-test', () => {
  const a = Float64Array.of(0.3, 0.11, 0, 0.52, 0.4, 0.25, 0.08)
  const b = Float64Array.of(0.25, 0.12, 0, 0.4, 0.31, 0.27, 0.02)

  it('is what scipy 1.17 has: ttest_rel', () => {
    const { t, degrees, p } = pairedT(a, b)
    expect(t).toBeCloseTo(2.054035916227002, 12)
    expect(degrees).toBe(6)
    expect(p).toBeCloseTo(0.08576153026427176, 12)
    expect(pairedT(b, a)).toMatchObject({ t: -t, p })
  })

  it('finds nothing where nothing differs, and is sure where all differ by the same', () => {
    expect(pairedT(a, a).p).toBe(1)
    expect(pairedT(Float64Array.of(1), Float64Array.of(0)).p).toBe(1)
    const halves = (add: number) => Float64Array.of(0.5 + add, 1 + add, 2 + add)
    expect(pairedT(halves(0.25), halves(0)).p).toBe(0)
    expect(() => pairedT(a, b.subarray(1))).toThrow(RangeError)
  })
})

describe('the bootstrap of a difference of F1', () => {
  const users = (n: number, of: (user: number) => MadeUser) =>
    Array.from({ length: n }, (_, user) => of(user))
  const values = (made: MadeUser[]) => userValues(madeOutcome(made))

  it('is the difference itself where every user is like every other', () => {
    const [one, other] = [values(users(40, () => [[1, 2], 4])), values(users(40, () => [[1], 4]))]
    const { difference, interval } = compare(one, other, 10)
    // 2 p r / (p + r) with p = 2/10, r = 2/4, and with p = 1/10, r = 1/4.
    const wanted = (2 * 0.2 * 0.5) / 0.7 - (2 * 0.1 * 0.25) / 0.35
    for (const value of [difference, interval.low, interval.high]) expect(value).toBeCloseTo(wanted, 12)
  })

  it('has the width of the normal approximation where F1 is nearly a mean', () => {
    // At k = 1 with one test item, precision = recall = F1 of a user: the difference is a mean of independent values.
    const n = 4000
    const one = values(users(n, (user) => [user % 2 === 0 ? [1] : [], 1]))
    const other = values(users(n, (user) => [user % 5 === 0 ? [1] : [], 1]))
    const { difference, interval } = compare(one, other, 1, { resamples: 4000, seed: 3 })
    expect(difference).toBeCloseTo(1 / 2 - 1 / 5, 12)
    // d is 1 with probability 4/10, -1 with 1/10, else 0.
    const deviation = Math.sqrt((0.5 - 0.3 ** 2) / n)
    expect(Math.abs(interval.low - (0.3 - 1.96 * deviation))).toBeLessThan(0.1 * deviation)
    expect(Math.abs(interval.high - (0.3 + 1.96 * deviation))).toBeLessThan(0.1 * deviation)
  })

  it('repeats, and turns with the order of the two', () => {
    const one = values(users(50, (user) => [user % 3 === 0 ? [1, 5] : [2], 3]))
    const other = values(users(50, (user) => [user % 4 === 0 ? [1] : [], 3]))
    const there = compare(one, other, 5)
    expect(compare(one, other, 5)).toEqual(there)
    const back = compare(other, one, 5)
    expect(back.difference).toBeCloseTo(-there.difference, 15)
    expect(Math.abs(back.interval.low + there.interval.high)).toBeLessThan(0.01)
  })
})
