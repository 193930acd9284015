import { describe, expect, it } from 'vitest'
import { overSeeds, systemResult } from '../../../job/experiments/reproduce/results.ts'
import { averagedOverSeeds, meansAt, userValues } from '../../../job/experiments/reproduce/user-values.ts'
import { madeOutcome, madeSource } from './made-result.ts'

/** What a hit at a rank, from 1, adds to DCG. */
const gain = (rank: number) => 1 / Math.log2(rank + 1)
const near = (value: number, wanted: number) => expect(Math.abs(value - wanted)).toBeLessThan(1e-12)

describe('metrics of an outcome', () => {
  // Three users: hits at ranks 1, 4 and 10 of 7 test items; at rank 6 of 1; none of 2.
  const values = userValues(
    madeOutcome([
      [[1, 4, 10], 7],
      [[6], 1],
      [[], 2],
    ]),
  )

  it('are precision, recall and NDCG as the formulas have them, at 1, 5 and 10', () => {
    const p = { 1: [1 / 1, 0, 0], 5: [2 / 5, 0, 0], 10: [3 / 10, 1 / 10, 0] }
    const r = { 1: [1 / 7, 0, 0], 5: [2 / 7, 0, 0], 10: [3 / 7, 1 / 1, 0] }
    const ideal = (items: number) =>
      Array.from({ length: items }, (_, n) => gain(n + 1)).reduce((a, b) => a + b, 0)
    const n = {
      1: [gain(1) / ideal(1), 0, 0],
      5: [(gain(1) + gain(4)) / ideal(5), 0, 0],
      10: [(gain(1) + gain(4) + gain(10)) / ideal(7), gain(6) / gain(1), 0],
    }
    for (const k of [1, 5, 10] as const) {
      for (let user = 0; user < 3; user++) {
        near(values[k].precision[user], p[k][user])
        near(values[k].recall[user], r[k][user])
        near(values[k].ndcg[user], n[k][user])
        const sum = p[k][user] + r[k][user]
        near(values[k].f1[user], sum === 0 ? 0 : (2 * p[k][user] * r[k][user]) / sum)
      }
    }
  })

  it('F1 of the means is of the averages, and not the average of users', () => {
    const precision = (3 / 10 + 1 / 10 + 0) / 3
    const recall = (3 / 7 + 1 + 0) / 3
    const at10 = meansAt(values[10])
    near(at10.precision, precision)
    near(at10.recall, recall)
    near(at10.f1, (2 * precision * recall) / (precision + recall))
    const ofUsers = ((2 * 0.3 * (3 / 7)) / (0.3 + 3 / 7) + (2 * 0.1 * 1) / (0.1 + 1) + 0) / 3
    near(values[10].f1.reduce((a, b) => a + b, 0) / 3, ofUsers)
    expect(Math.abs(at10.f1 - ofUsers)).toBeGreaterThan(0.01)
  })

  it('over seeds have a mean and a deviation with n - 1 below', () => {
    const result = systemResult(
      [[1], [1, 2], [1, 2, 3]].map((ranks, n) => madeOutcome([[ranks, 3]], n + 1)),
      madeSource,
    )
    const { mean, deviation, seeds } = overSeeds(result, 'precision', 10)
    near(mean, 0.2)
    near(deviation ?? 0, Math.sqrt((0.1 ** 2 + 0 + 0.1 ** 2) / 2))
    expect(seeds).toBe(3)
    expect(overSeeds(systemResult([madeOutcome([[[1], 1]])], madeSource), 'f1', 1).deviation).toBeUndefined()
  })

  it('a user counts once, with the mean of their seeds', () => {
    const seeds = [[1], [1, 2], [1, 2, 3]].map((ranks) =>
      userValues(
        madeOutcome([
          [ranks, 3],
          [[], 1],
        ]),
      ),
    )
    const averaged = averagedOverSeeds(seeds)
    expect(averaged[10].recall).toHaveLength(2)
    near(averaged[10].recall[0], (1 / 3 + 2 / 3 + 3 / 3) / 3)
    expect(() => averagedOverSeeds([seeds[0], userValues(madeOutcome([[[], 1]]))])).toThrow(RangeError)
  })
})
