import { describe, expect, it } from 'vitest'
import { drawn, grid, spaceOf } from '../../../job/experiments/tune/candidates.ts'
import { easeKind } from '../../../job/models/ease.ts'
import { ialsKind } from '../../../job/models/ials.ts'
import { itemKnnKind } from '../../../job/models/item-knn.ts'
import { jcaKind } from '../../../job/models/jca.ts'
import { modelKinds } from '../../../job/models/model-kinds.ts'

describe('what a search tries', () => {
  it('is the declared space, where nothing else is named, without what is fixed', () => {
    expect(spaceOf(ialsKind, [], {})).toEqual(ialsKind.space)
    expect(Object.keys(spaceOf(ialsKind, [], { l2: 3 }))).toEqual(['factors', 'unobserved', 'l2Exponent'])
    expect(spaceOf(ialsKind, ['l2=1,2.5', 'factors=8..16', 'unobserved=0.01..1'], {})).toEqual({
      l2: { values: [1, 2.5] },
      factors: { from: 8, to: 16, by: 'linear' },
      unobserved: { from: 0.01, to: 1, by: 'log' },
    })
  })

  it("covers the paper's own grids", () => {
    const { hidden, l2 } = spaceOf(jcaKind, [], {})
    expect(hidden).toEqual({ values: [40, 80, 120, 160, 200, 240] })
    expect(l2).toEqual({ values: [0.5, 0.1, 0.05, 0.01, 0.005, 0.001] })
  })

  it.each(modelKinds.map((kind) => [kind.name, kind] as const))(
    '%s declares nothing that it refuses',
    (_, kind) => {
      for (const options of drawn(kind, spaceOf(kind, [], {}), {}, 50, 1))
        expect(kind.options.safeParse(options).success, JSON.stringify(options)).toBe(true)
    },
  )

  it.each([
    [['depth=3'], 'depth=3 is nothing for ials'],
    [['factors=many'], 'factors=many is nothing for ials'],
    [['factors'], 'invalid --try: factors'],
    [['l2=3..1'], 'invalid --try: l2=3..1 (want from..to, the lower first)'],
  ])('%j is refused', (tried, message) => {
    expect(() => spaceOf(ialsKind, tried, {})).toThrow(message)
  })
})

describe('a grid', () => {
  it('is every combination, ranges at five points, whole numbers where the option wants them', () => {
    const space = spaceOf(ialsKind, ['factors=10..20', 'l2=0.01..100'], {})
    const trials = grid(ialsKind, space, { l2Exponent: 0 })
    expect(trials.length).toBe(25)
    expect([...new Set(trials.map(({ factors }) => factors))]).toEqual([10, 13, 15, 18, 20])
    expect([...new Set(trials.map(({ l2 }) => l2))]).toEqual([0.01, 0.1, 1, 10, 100])
    expect(trials.every(({ l2Exponent, unobserved }) => l2Exponent === 0 && unobserved === 0.05)).toBe(true)
  })

  it('of a model without options is one trial', () => {
    expect(grid(easeKind, {}, { l2: 5 })).toEqual([{ ...easeKind.defaults, l2: 5 }])
  })
})

describe('drawn trials', () => {
  it('are the same for a seed, no two alike, and lie in the space', () => {
    const space = spaceOf(itemKnnKind, [], {})
    const trials = drawn(itemKnnKind, space, {}, 30, 7)
    expect(trials.length).toBe(30)
    expect(drawn(itemKnnKind, space, {}, 30, 7)).toEqual(trials)
    expect(drawn(itemKnnKind, space, {}, 30, 8)).not.toEqual(trials)
    expect(new Set(trials.map((options) => JSON.stringify(options))).size).toBe(30)
    for (const { asymmetry } of trials) {
      expect(asymmetry).toBeGreaterThanOrEqual(0.2)
      expect(asymmetry).toBeLessThanOrEqual(0.8)
    }
  })

  it('are as many as the space has, where it is small', () => {
    expect(drawn(easeKind, spaceOf(easeKind, ['l2=1,2,3'], {}), {}, 20, 1).length).toBe(3)
  })
})
