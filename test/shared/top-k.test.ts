import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { selectTopK } from '../../shared/top-k.ts'

/** The definition: sort everything by score, ties by index. */
function bySorting(scores: Float32Array, k: number): number[] {
  return [...scores.keys()]
    .filter((item) => scores[item] > Number.NEGATIVE_INFINITY)
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, k)
}

describe('selectTopK', () => {
  it('equals a full sort, ties included', () => {
    // Few distinct values, so that ties are the rule.
    const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(Number.NEGATIVE_INFINITY))
    fc.assert(
      fc.property(fc.array(value, { maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (values, k) => {
        const scores = Float32Array.from(values)
        const top = selectTopK(scores, k)
        expect([...top.items]).toEqual(bySorting(scores, k))
        expect([...top.scores]).toEqual([...top.items].map((item) => scores[item]))
      }),
      { numRuns: 500 },
    )
  })

  it('is shorter than k only where fewer items are left', () => {
    expect(selectTopK(Float32Array.of(1, Number.NEGATIVE_INFINITY, 2), 10).items).toEqual(
      Uint32Array.of(2, 0),
    )
    expect(selectTopK(new Float32Array(0), 3).items.length).toBe(0)
  })

  it('never selects a NaN', () => {
    expect(selectTopK(Float32Array.of(Number.NaN, 1, Number.NaN), 3).items).toEqual(Uint32Array.of(1))
  })
})
