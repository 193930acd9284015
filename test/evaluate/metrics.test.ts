import { describe, expect, it } from 'vitest'
import { f1, MetricsSum } from '../../job/evaluate/metrics.ts'

const log2 = Math.log2

function metricsOf(k: number, users: { list: number[]; relevant: number[]; relevantCount?: number }[]) {
  const sum = new MetricsSum(k)
  for (const { list, relevant, relevantCount } of users) {
    sum.add(Uint32Array.from(list), (item) => relevant.includes(item), relevantCount ?? relevant.length)
  }
  return sum.mean()
}

describe('metrics, worked by hand', () => {
  it('one user: hits at ranks 1 and 3 of 5, three relevant', () => {
    const m = metricsOf(5, [{ list: [10, 11, 12, 13, 14], relevant: [10, 12, 99] }])
    expect(m.precision).toBeCloseTo(2 / 5, 12)
    expect(m.recall).toBeCloseTo(2 / 3, 12)
    expect(m.f1).toBeCloseTo((2 * (2 / 5) * (2 / 3)) / (2 / 5 + 2 / 3), 12)
    const gain = 1 / log2(2) + 1 / log2(4)
    const ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    expect(m.ndcg).toBeCloseTo(gain / ideal, 12)
  })

  it('F1 is computed from the two averages, not averaged', () => {
    // User one: 1 hit of 1 relevant in 2. User two: 1 hit of 4 relevant in 2.
    const m = metricsOf(2, [
      { list: [1, 2], relevant: [1] },
      { list: [5, 6], relevant: [6, 7, 8, 9] },
    ])
    const precision = (1 / 2 + 1 / 2) / 2
    const recall = (1 / 1 + 1 / 4) / 2
    expect(m.precision).toBeCloseTo(precision, 12)
    expect(m.recall).toBeCloseTo(recall, 12)
    expect(m.f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12)
    const averageOfF1 = ((2 * 0.5 * 1) / 1.5 + (2 * 0.5 * 0.25) / 0.75) / 2
    expect(Math.abs(m.f1 - averageOfF1)).toBeGreaterThan(0.01)
  })

  it('recallAtK divides by held-out items, not by k', () => {
    const m = metricsOf(1, [{ list: [1], relevant: [1, 2, 3, 4] }])
    expect(m.recall).toBeCloseTo(1 / 4, 12)
    expect(m.ndcg).toBeCloseTo(1, 12)
  })

  it('precisionAtK divides by k, even where the list is shorter', () => {
    expect(metricsOf(10, [{ list: [1, 2], relevant: [1, 2] }]).precision).toBeCloseTo(2 / 10, 12)
  })

  it('an item that cannot be hit stays in recall and in the ideal list', () => {
    const m = metricsOf(5, [{ list: [1, 2, 3, 4, 5], relevant: [2], relevantCount: 2 }])
    expect(m.recall).toBeCloseTo(1 / 2, 12)
    expect(m.ndcg).toBeCloseTo(1 / log2(3) / (1 / log2(2) + 1 / log2(3)), 12)
  })

  it('the standard error of NDCG is the deviation of users over the root of their number', () => {
    const sum = new MetricsSum(1)
    for (const list of [[1], [1], [9], [9]]) sum.add(Uint32Array.from(list), (item) => item === 1, 1)
    // 1, 1, 0, 0: a variance of 4 (1/2)^2 / 3.
    expect(sum.ndcgError()).toBeCloseTo(Math.sqrt(1 / 3 / 4), 12)
  })

  it('no hits are zero everywhere, and F1 of nothing is zero', () => {
    expect(metricsOf(3, [{ list: [1, 2, 3], relevant: [9] }])).toEqual({
      precision: 0,
      recall: 0,
      f1: 0,
      ndcg: 0,
    })
    expect(f1(0, 0)).toBe(0)
  })
})
