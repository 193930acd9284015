import { describe, expect, it } from 'vitest'
import { costSections, pricedSystems } from '../../../job/experiments/reproduce/cost-section.ts'
import { placeLabels } from '../../../job/experiments/reproduce/place-labels.ts'
import { hasRun, type SystemResult } from '../../../job/experiments/reproduce/results.ts'
import type { SystemName } from '../../../job/experiments/reproduce/systems.ts'
import { type MadeUser, madeData } from './made-result.ts'

/** One user with ten test items, of whom so many are hit: F1@10 is hits / 10. */
const withHits = (hits: number): MadeUser[] => [[Array.from({ length: hits }, (_, n) => n + 1), 10]]

function dataOf(costs: Partial<Record<SystemName, { seconds: number; hits: number; search?: number }>>) {
  const data = madeData(
    Object.fromEntries(Object.entries(costs).map(([name, { hits }]) => [name, [withHits(hits)]])),
  )
  for (const [name, { seconds, search }] of Object.entries(costs)) {
    const result = data.systems.get(name as SystemName)
    if (result === undefined || !hasRun(result)) throw new Error(name)
    const outcomes = result.outcomes.map((one) => ({ ...one, facts: { ...one.facts, fitSeconds: seconds } }))
    const searched: SystemResult = {
      ...{ ...result, outcomes },
      source: { ...result.source, searchSeconds: search },
    }
    data.systems.set(name as SystemName, searched)
  }
  return data
}

describe('the frontier of cost and quality', () => {
  it('has what nothing as cheap beats, the search for options and epochs counted', () => {
    const data = dataOf({
      jca: { seconds: 200, hits: 4 },
      ease: { seconds: 2, hits: 5 },
      ials: { seconds: 20, hits: 6 },
      blend: { seconds: 10, search: 90, hits: 7 },
      bpr: { seconds: 2, hits: 3 },
    })
    const found = pricedSystems(data).map(({ label, seconds, isFrontier }) => [label, seconds, isFrontier])
    expect(found).toEqual([
      ['EASE', 2, true],
      ['BPR', 2, false],
      ['iALS', 20, true],
      ['Blend, the default', 100, true],
      ['JCA', 200, false],
    ])
  })

  it('is drawn without popularity, which stands in the table, and not for one system alone', () => {
    const two = dataOf({
      popularity: { seconds: 0, hits: 1 },
      ease: { seconds: 2, hits: 5 },
      jca: { seconds: 9, hits: 6 },
    })
    const [section] = costSections([two])
    expect(section.charts[0].description).toBe(
      'EASE: 2.0 s, .5000, which nothing as cheap beats. JCA: 9.0 s, .6000, which nothing as cheap beats.',
    )
    expect(section.tables[0].rows.map(({ head }) => head)).toEqual(['Popularity', 'EASE', 'JCA'])
    expect(
      costSections([dataOf({ popularity: { seconds: 0, hits: 1 }, ease: { seconds: 2, hits: 5 } })]),
    ).toEqual([])
  })
})

describe('names in a drawing', () => {
  it('stand to the right of their marks, and elsewhere where that is taken', () => {
    const [alone] = placeLabels([{ x: 50, y: 50, label: 'EASE' }], 200, 100)
    expect(alone).toMatchObject({ y: 50, align: 'left' })
    const [edge] = placeLabels([{ x: 190, y: 50, label: 'EASE' }], 200, 100)
    expect(edge).toMatchObject({ y: 50, align: 'right' })
    const [first, second] = placeLabels(
      [
        { x: 50, y: 50, label: 'EASE' },
        { x: 62, y: 50, label: 'iALS' },
      ],
      200,
      100,
    )
    expect(first).toMatchObject({ y: 50, align: 'right' })
    expect(second).toMatchObject({ y: 50, align: 'left' })
  })

  it('are left out where there is no room', () => {
    const crowd = Array.from({ length: 30 }, (_, n) => ({ x: 50, y: 50, label: `model ${n}` }))
    const places = placeLabels(crowd, 100, 100)
    expect(places[0]).toBeDefined()
    expect(places.at(-1)).toBeUndefined()
  })
})
