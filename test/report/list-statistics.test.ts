import { describe, expect, it } from 'vitest'
import { ListTally } from '../../job/report/list-statistics.ts'
import { popularityGroups } from '../../job/report/popularity-groups.ts'

describe('statistics of lists', () => {
  const tally = new ListTally(3, 5)
  tally.add(Uint32Array.of(0, 1, 2), Float32Array.of(9, 5, 1))
  tally.add(Uint32Array.of(0, 2, 1), Float32Array.of(7, 4, 2))
  tally.add(Uint32Array.of(3, 0), Float32Array.of(8, 3))
  const { coverage, inFirst, scores, short, lists } = tally.statistics

  it('coverage at k is the share of the catalogue that stands in anybody’s first k', () => {
    // Items 0 and 3 at rank 1; 1 and 2 come at rank 2; 4 is in no list.
    expect(coverage).toEqual([2 / 5, 4 / 5, 4 / 5])
  })

  it('counts lists, short ones, and how many hold each item', () => {
    expect([lists, short]).toEqual([3, 1])
    expect([...inFirst]).toEqual([3, 2, 2, 1, 0])
  })

  it('scores of a rank are quantiles over the users whose list reaches it', () => {
    expect(scores.map(({ rank, median }) => [rank, median])).toEqual([
      [1, 8],
      [2, 4],
      [3, 1],
    ])
  })
})

describe('groups by popularity', () => {
  it('are tenths of the catalogue, the most popular first, and each share adds up to one', () => {
    const counts = Uint32Array.from({ length: 20 }, (_, item) => item)
    const inFirst = Uint32Array.from({ length: 20 }, (_, item) => (item >= 18 ? 5 : 0))
    const groups = popularityGroups(counts, inFirst)
    expect(groups).toHaveLength(10)
    // Items 19 and 18 of 0 + 1 + ... + 19 interactions.
    expect(groups[0]).toEqual({ group: 1, items: 2, ofInteractions: 37 / 190, ofPlaces: 1 })
    expect(groups.reduce((sum, { ofInteractions }) => sum + ofInteractions, 0)).toBeCloseTo(1, 12)
  })

  it('are as many as items where those are fewer, and of no places every share is zero', () => {
    const groups = popularityGroups(Uint32Array.of(1, 3), new Uint32Array(2))
    expect(groups.map(({ ofInteractions, ofPlaces }) => [ofInteractions, ofPlaces])).toEqual([
      [3 / 4, 0],
      [1 / 4, 0],
    ])
  })
})
