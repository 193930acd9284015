import { describe, expect, it } from 'vitest'
import type { Clock } from '../../job/clock.ts'
import { csrFromPairs, without } from '../../job/data/csr-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { drawHoldout } from '../../job/train/holdout.ts'
import { reckonSearch, SearchDeadline } from '../../job/train/search-time.ts'
import { ManualClock } from '../manual-clock.ts'

/** On which everything takes a second: each time that it is asked it is one later. */
function secondsClock(): Clock {
  let asked = 0
  return { now: () => new Date(0), elapsedMs: () => 1000 * asked++ }
}

function madeRows(users: number, items: number) {
  const pairs = Array.from({ length: users * 6 }, (_, n) => [
    n % users,
    (3 * (n % users) + Math.floor(n / users)) % items,
  ])
  const all = csrFromPairs(
    Uint32Array.from(pairs, ([user]) => user),
    Uint32Array.from(pairs, ([, item]) => item),
    users,
    items,
  )
  const heldOut = drawHoldout(all, 0.4, 1)
  return { ratings: without(all, heldOut), heldOut }
}

const open = { epochs: null, weight: null }
const half = { model: 'user-autoencoder', options: { hidden: 4, l2: 1 }, ...open }
const ials = { model: 'ials', options: { factors: 4 }, ...open }
const ease = { model: 'ease', options: {}, ...open }
const knn = { model: 'item-knn', options: {}, ...open }

function reckon(parts: Parameters<typeof reckonSearch>[0], count = parts.length, items = 10) {
  const watch = { clock: secondsClock(), signal: undefined, resumeHint: '' }
  return reckonSearch(parts, count, { engine: wasmEngineOn(1), ...madeRows(20, items), seed: 1, ...watch })
}

describe('reckonSearch', () => {
  it('adds up trials of epochs and looks, as long as one of each took', async () => {
    const time = await reckon([half, ials])
    expect(time.parts).toEqual([3 * (30 + 6), 10 * 1.5 * (16 + 4)])
    expect(time.fit).toBe(40 + 1.5 * 16)
    // Twenty users, and a ninth of what six parts take.
    expect(time.weights).toBeCloseTo((20 * 0.0065) / 9, 12)
  })

  it('reckons one trial for a part whose epochs are given, and nothing for those that are known', async () => {
    expect((await reckon([{ ...half, epochs: 7 }])).parts).toEqual([7 + 1])
    expect((await reckon([], 2)).parts).toEqual([])
  })

  it('takes EASE for the cube of its items, and neighbours for two looks', async () => {
    const { parts } = await reckon([half, ease, knn], 3, 40)
    expect(parts[1]).toBeCloseTo(3 * (0.025 * 0.04 ** 3 + 1), 12)
    expect(parts[2]).toBe(2)
  })

  it('reckons nothing for what will be left out: too many items for EASE', async () => {
    expect((await reckon([ease], 1, 30_001)).parts).toEqual([0])
  })
})

describe('SearchDeadline', () => {
  const at = (parts: number[], weights: number) => {
    const clock = new ManualClock('2026-11-29T02:00:00Z')
    return { clock, deadline: new SearchDeadline({ parts, weights, fit: 42 }, clock) }
  }

  it('announces what was reckoned, half as much again at most, and two minutes in any case', () => {
    expect(at([200, 300], 100).deadline.text).toBe(
      'choosing options, epochs and weights: about 10 minutes, never more than 15 minutes; then the fit: about 50 seconds',
    )
    expect(at([1], 0).deadline.text).toMatch(/about 10 seconds, never more than 2 minutes/)
  })

  it('allows another trial while what comes after it still fits', () => {
    const { clock, deadline } = at([200, 300], 100)
    // 900 seconds in all, 400 of them for the second part and the weights.
    clock.advance(490_000)
    expect([deadline.allows(0, 10), deadline.allows(0, 11)]).toEqual([true, false])
    clock.advance(300_000)
    expect([deadline.allows(1, 10), deadline.allows(1, 11)]).toEqual([true, false])
  })
})
