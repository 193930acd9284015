import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { MetricsSum } from '../../job/evaluate/metrics.ts'
import { describeGate } from '../../job/gate/describe-gate.ts'
import { type Contest, checkLists, decideGate, usualGate } from '../../job/gate/gate.ts'
import { gateReport } from '../../job/gate/gate-report.ts'
import { isEverywhere, ListCounter, type ListFacts } from '../../job/gate/list-checks.ts'
import { ndcgByUser, usersOf } from '../../job/gate/ndcg-by-user.ts'

const sound: ListFacts = {
  lists: 400,
  empty: 0,
  withSeen: 0,
  commonest: { item: 3, share: 0.2, amongWithout: 0.25 },
  coverage: 0.6,
}
const waves = (size: number, base: number) =>
  Float64Array.from({ length: size }, (_, i) => base + 0.1 * Math.sin(i))

const itemIds = Array.from({ length: 1000 }, (_, i) => `item-${i}`)

/** A contest that is passed, with something changed. */
function contest(change: Partial<Contest> = {}): Contest {
  return {
    mode: 'new-rows',
    liveVersion: '20261125T020000Z-abcdef',
    usersWithNewRows: 400,
    sameConfiguration: false,
    ndcg: { live: waves(400, 0.3), candidate: waves(400, 0.31) },
    lists: { live: sound, candidate: sound },
    dataCutoff: { live: '2026-11-24T00:00:00.000Z', candidate: '2026-11-25T00:00:00.000Z' },
    itemIds,
    ...change,
  }
}

const codes = (change: Partial<Contest>, options = usualGate) =>
  decideGate(contest(change), options).refusals.map(({ code }) => code)

describe('the gate', () => {
  it('passes a candidate that is better, and its report is of the shape that is promised', () => {
    const report = decideGate(contest(), usualGate)
    expect(report).toMatchObject({ passed: true, forced: false, users: 400, refusals: [] })
    expect(report.difference).toBeCloseTo(0.01, 10)
    expect(report.margin.ndcg10).toBeCloseTo(0.02 * report.ndcg10.live, 12)
    expect(gateReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
    expect(describeGate(report)).toMatch(/^gate {7}passed\n/)
  })

  it('passes the same lists over again, also with no margin', () => {
    const same = { ndcg: { live: waves(400, 0.3), candidate: waves(400, 0.3) } }
    expect(codes(same, { ...usualGate, margin: 0 })).toEqual([])
  })

  it('refuses by the bound, not by the mean: what is equal on average and differs much is not proven', () => {
    const noisy = Float64Array.from(waves(400, 0.3), (value, i) => value + (i % 2 === 0 ? 0.3 : -0.3))
    const report = decideGate(contest({ ndcg: { live: waves(400, 0.3), candidate: noisy } }), usualGate)
    expect(Math.abs(report.difference)).toBeLessThan(1e-9)
    expect(report.refusals).toMatchObject([
      { code: 'WORSE', fix: expect.stringContaining('so few users cannot tell') },
    ])
  })

  it('refuses one that is worse by more than the margin, and passes it with a wider one', () => {
    const worse = { ndcg: { live: waves(400, 0.3), candidate: waves(400, 0.29) } }
    expect(codes(worse)).toEqual(['WORSE'])
    expect(codes(worse, { ...usualGate, margin: 0.05 })).toEqual([])
  })

  it('refuses each fault of lists and rows by its own code', () => {
    const lists = (candidate: Partial<ListFacts>) => ({
      lists: { live: sound, candidate: { ...sound, ...candidate } },
    })
    expect(codes(lists({ empty: 1 }))).toEqual(['EMPTY_LISTS'])
    expect(codes(lists({ withSeen: 2 }))).toEqual(['SEEN_ITEMS'])
    const everywhere = { item: 1, share: 0.72, amongWithout: 1 }
    expect(codes(lists({ commonest: everywhere }))).toEqual(['ONE_ITEM_EVERYWHERE'])
    expect(codes(lists({ coverage: 0.29 }))).toEqual(['COVERAGE'])
    const dataCutoff = { live: '2026-11-24T00:00:00.000Z', candidate: '2026-11-23T23:59:59.999Z' }
    expect(codes({ dataCutoff })).toEqual(['STALE'])
    expect(codes({ dataCutoff: { ...dataCutoff, candidate: '' } })).toEqual(['STALE'])
    expect(codes({ dataCutoff: { live: '', candidate: '' } })).toEqual([])
  })

  it('has a verdict where there is nobody to compare on: shut, unless both are one configuration', () => {
    const { facts: nobody } = new ListCounter(0, undefined)
    const empty = {
      mode: 'common-reduced-set' as const,
      usersWithNewRows: 0,
      ndcg: { live: new Float64Array(), candidate: new Float64Array() },
      lists: { live: nobody, candidate: nobody },
      itemIds: [],
    }
    const report = decideGate(contest(empty), usualGate)
    expect(report.refusals.map(({ code }) => code)).toEqual(['NO_USERS'])
    // Not a number would be null in the file, and no night could read it again.
    expect(gateReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
    expect(codes({ ...empty, sameConfiguration: true })).toEqual([])
  })

  it('records that it was overruled, and nothing where there was nothing to overrule', () => {
    const forced = { ...usualGate, force: true }
    const refused = decideGate(contest({ lists: { live: sound, candidate: { ...sound, empty: 5 } } }), forced)
    expect(refused).toMatchObject({ passed: false, forced: true })
    expect(describeGate(refused)).toMatch(
      /overruled by --force\n[\s\S]*EMPTY_LISTS\n {11}5 of 400 lists are empty/,
    )
    expect(decideGate(contest(), forced)).toMatchObject({ passed: true, forced: false })
  })
})

describe('what is told of lists', () => {
  const known = csrFromPairs(Uint32Array.from([0, 0, 1, 2, 2, 2]), Uint32Array.from([1, 2, 0, 0, 1, 2]), 3, 3)

  it('counts empty lists, but not of a user who has everything', () => {
    const counter = new ListCounter(3, known)
    counter.add(0, Uint32Array.from([0]))
    counter.add(1, new Uint32Array())
    counter.add(2, new Uint32Array())
    expect(counter.facts).toMatchObject({ lists: 3, empty: 1, withSeen: 0 })
  })

  it('counts lists with items that the user has, anywhere in them, unless they are welcome', () => {
    for (const [mask, withSeen] of [
      [known, 1],
      [undefined, 0],
    ] as const) {
      const counter = new ListCounter(3, mask)
      counter.add(0, Uint32Array.from([0, 2]))
      counter.add(1, Uint32Array.from([1, 2]))
      expect(counter.facts.withSeen).toBe(withSeen)
    }
  })

  it('looks at the first ten for the commonest item and for coverage', () => {
    const counter = new ListCounter(40, undefined)
    const list = (start: number) => Uint32Array.from({ length: 12 }, (_, i) => (start + i) % 40)
    counter.add(0, list(0))
    counter.add(1, list(5))
    counter.add(2, list(9))
    const { commonest, coverage } = counter.facts
    expect(commonest).toEqual({ item: 9, share: 1, amongWithout: 1 })
    expect(coverage).toBe(19 / 40)
  })

  it('tells of the commonest item how many get it of those who do not have it', () => {
    const counter = new ListCounter(3, known)
    // All three get item 0 where they do not have it; the last two do.
    counter.add(0, Uint32Array.from([0]))
    counter.add(1, Uint32Array.from([1]))
    counter.add(2, new Uint32Array())
    expect(counter.facts.commonest).toEqual({ item: 0, share: 1 / 3, amongWithout: 1 })
  })

  it('take an item for everywhere where nearly all get it who could, in most lists; a small catalogue may repeat itself', () => {
    // What was measured: popularity and a training of five epochs, on MovieLens 1M.
    expect(isEverywhere({ item: 0, share: 0.72, amongWithout: 1 }, 3062)).toBe(true)
    expect(isEverywhere({ item: 0, share: 0.927, amongWithout: 1 }, 3062)).toBe(true)
    // Good lists from few rows, and of a catalogue of two hundred.
    expect(isEverywhere({ item: 0, share: 0.803, amongWithout: 0.816 }, 3062)).toBe(false)
    expect(isEverywhere({ item: 0, share: 0.704, amongWithout: 0.897 }, 200)).toBe(false)
    // Nearly everybody has it, and the few others get it.
    expect(isEverywhere({ item: 0, share: 0.02, amongWithout: 1 }, 3062)).toBe(false)
    const same = { ...sound, commonest: { item: 0, share: 1, amongWithout: 1 } }
    expect(checkLists(same, itemIds.slice(0, 100))).toEqual([])
    expect(checkLists(same, itemIds.slice(0, 101)).map(({ code }) => code)).toEqual(['ONE_ITEM_EVERYWHERE'])
  })
})

it('NDCG by user has the mean that evaluate reports', () => {
  const heldOut = csrFromPairs(Uint32Array.from([0, 0, 2, 3]), Uint32Array.from([1, 4, 0, 3]), 5, 6)
  const users = usersOf(heldOut)
  expect([...users]).toEqual([0, 2, 3])
  const listOf = (user: number) => Uint32Array.from([4, user, 5, 1])
  const sum = new MetricsSum(3)
  const held = [[1, 4], [], [0], [3]]
  for (const user of users)
    sum.add(listOf(user), (item) => held[user]?.includes(item) ?? false, held[user]?.length ?? 0)
  const values = ndcgByUser(heldOut, users, listOf, 3)
  expect(values.reduce((a, b) => a + b, 0) / 3).toBeCloseTo(sum.mean().ndcg, 12)
  expect(values[1]).toBe(0)
})
