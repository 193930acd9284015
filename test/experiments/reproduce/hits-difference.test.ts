import { expect, it } from 'vitest'
import {
  hitsDifference,
  hitsDifferenceRates,
  shareAbove,
} from '../../../job/experiments/reproduce/hits-difference.ts'
import { type MadeUser, madeData, madeOutcome } from './made-result.ts'

// The item of a hit is its rank, so the same rank is the same item.
const u: MadeUser[] = [
  [[1, 2, 3], 5],
  [[1], 5],
  [[4], 5],
  [[], 5],
  [[1, 2], 5],
]
const i: MadeUser[] = [
  [[2, 3, 4], 5],
  [[1], 5],
  [[], 5],
  [[], 5],
  [[3, 4], 5],
]

it('the hits difference rate is what only one of the two hits, of what either hits', () => {
  // {1,2,3} and {2,3,4}: 2 of 4. The same: 0 of 1. One alone: 1 of 1. Neither: no rate. Apart: 4 of 4.
  expect([...hitsDifferenceRates(madeOutcome(u), madeOutcome(i))]).toEqual([2 / 4, 0, 1, 1])
})

it('users of whom neither hits anything are left out and counted, seed by seed', () => {
  const found = hitsDifference(madeData({ 'u-autorec': [u, u], 'i-autorec': [i, i] }))
  if ('notRun' in found) throw new Error(found.notRun)
  expect([...found.rates]).toEqual([0, 0, 0.5, 0.5, 1, 1, 1, 1])
  expect(found.without).toBe(2)
  expect(shareAbove(found, 0.5)).toBe(4 / 8)
  expect(shareAbove(found, 0.2)).toBe(6 / 8)
})

it('needs both models', () => {
  expect(hitsDifference(madeData({ 'u-autorec': [u] }))).toMatchObject({ notRun: 'not asked for' })
})
