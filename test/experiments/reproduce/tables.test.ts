import { describe, expect, it } from 'vitest'
import { figureOf } from '../../../job/experiments/reproduce/figures.ts'
import type { DataResult } from '../../../job/experiments/reproduce/results.ts'
import { laterSystemNames, type SystemName } from '../../../job/experiments/reproduce/systems.ts'
import { tableOf } from '../../../job/experiments/reproduce/tables.ts'
import { type MadeUser, madeData } from './made-result.ts'

const good: MadeUser[] = [
  [[1, 2], 4],
  [[1], 4],
]
const poor: MadeUser[] = [
  [[9], 4],
  [[], 4],
]
/** F1@10 of `good` and `poor`: P = 3/20 and 1/20, R = 3/8 and 1/8. */
const goodF1 = (2 * (3 / 20) * (3 / 8)) / (3 / 20 + 3 / 8)
const poorF1 = (2 * (1 / 20) * (1 / 8)) / (1 / 20 + 1 / 8)

const missing: DataResult = { label: 'Yelp', printed: 'yelp', split: undefined, systems: new Map() }
const rowOf = (data: DataResult, label: string, number: 1 | 3 | 5 = 3) =>
  tableOf(number, [data], laterSystemNames).blocks[0].rows.find((row) => row.label === label)!

describe('a table', () => {
  it('has ours, the printed figure and the difference in a cell', () => {
    const { cells } = rowOf(madeData({ jca: [good, good] }), 'JCA')
    expect(cells[2].printed).toBe(0.208)
    expect(cells[2].ours?.mean).toBeCloseTo(goodF1, 12)
    expect(cells[2].ours).toMatchObject({ deviation: 0, seeds: 2 })
    expect(cells[2].difference).toBeCloseTo(goodF1 - 0.208, 12)
  })

  it('has the best of ours marked, those beside the paper among them', () => {
    const data = madeData({ jca: [poor], ease: [good], mf: [good] })
    const best = tableOf(3, [data], laterSystemNames).blocks[0].rows.filter(({ cells }) => cells[2].isBest)
    expect(best.map(({ label }) => label)).toEqual(['MF', 'EASE'])
  })

  it('shows what has not run with what is printed, and why', () => {
    const data = madeData({ jca: [good] })
    data.systems.set('ncf', { notRun: 'nightjar has no model of that name' })
    expect(rowOf(data, 'NCF').cells[1]).toEqual({
      unit: 'metric',
      printed: 0.1454,
      notRun: 'nightjar has no model of that name',
    })
    expect(rowOf(missing, 'JCA').cells[0]).toMatchObject({
      printed: 0.0164,
      notRun: 'no folder of this data was given',
    })
  })

  it('has no printed figures for data that the paper does not have', () => {
    const data = madeData({ jca: [good] }, undefined, 'shop')
    const [cell] = rowOf({ ...data, printed: undefined }, 'JCA').cells
    expect([cell.printed, cell.difference]).toEqual([undefined, undefined])
    expect(cell.ours).toBeDefined()
  })

  it('3 compares JCA with the best baseline only where all eight have run', () => {
    const eight = ['bpr', 'mf', 'ncf', 'npr', 'i-autorec', 'u-autorec', 'ui-autorec', 'cdae'] as const
    const all = Object.fromEntries(eight.map((name) => [name, [poor]])) as Partial<
      Record<SystemName, MadeUser[][]>
    >
    const label = 'JCA over the best baseline'
    const [, , cell] = rowOf(madeData({ ...all, jca: [good] }), label).cells
    expect(cell.printed).toBe(4.1)
    expect(cell.ours?.mean).toBeCloseTo(100 * (goodF1 / poorF1 - 1), 10)
    const { ncf: _, ...seven } = all
    expect(rowOf(madeData({ ...seven, jca: [good] }), label).cells[2].ours).toBeUndefined()
  })

  it('2 counts users, items, rows, density and pairs beside the printed ones', () => {
    const [ours, yelp] = tableOf(2, [madeData({}), missing]).blocks[0].rows
    expect(ours.cells.map(({ printed }) => printed)).toEqual([6027, 3062, 574_026, 3.11, undefined])
    expect(ours.cells.map((cell) => cell.ours?.mean)).toEqual([2, 3, 5, (100 * 5) / (2 * 3), 4])
    expect(ours.cells[0].difference).toBe(2 - 6027)
    expect(yelp.cells[1]).toMatchObject({ printed: 9245, notRun: 'no folder of this data was given' })
  })

  it('has three columns of its own metrics', () => {
    expect(tableOf(5, [missing]).blocks[0].columns).toEqual(['P@10', 'R@10', 'F1@10'])
    expect(tableOf(3, [missing]).blocks[0].columns).toEqual(['F1@1', 'F1@5', 'F1@10'])
  })
})

describe('a figure', () => {
  it('3 and 4 have a panel for each data set that is there, at 1, 5 and 10', () => {
    const { panels } = figureOf(4, [madeData({ jca: [good] }), missing])
    expect(panels[1]).toEqual({ label: 'Yelp', notRun: 'no folder of this data was given' })
    const { description } = panels[0].chart!
    expect(description).toContain('Recall@1: BPR not run, ')
    // One of four in both at 1; three of eight at 10, where the paper prints a recall.
    expect(description).toMatch(/Recall@1: .*JCA \.2500\./)
    expect(description).toMatch(
      /Recall@10: BPR not run \(printed \.1498\), MF not run, .*JCA \.3750 \(printed \.1845\)\./,
    )
  })

  it('1 tells the shares beside those that the paper reads off', () => {
    const { notes, panels } = figureOf(1, [madeData({ 'u-autorec': [good], 'i-autorec': [poor] }), missing])
    expect(notes[0]).toContain('more than 60 % of users have a rate above 0.2')
    // {1, 2} and {9}, {1} and {}: all of both.
    expect(notes[1]).toContain('100.0 % above 0.2, 100.0 % above 0.5; 0 of 2 users are left out')
    expect(panels[0].chart?.description).toContain('Cumulative share of 2 users')
    expect(panels[1].notRun).toBeDefined()
  })
})
