import { describe, expect, it } from 'vitest'
import { claims } from '../../../job/experiments/reproduce/claims.ts'
import { printedTables } from '../../../job/experiments/reproduce/printed.ts'
import type { SystemName } from '../../../job/experiments/reproduce/systems.ts'
import { judge, nearnessOfBaselines } from '../../../job/experiments/reproduce/verdicts.ts'
import { type MadeUser, madeData } from './made-result.ts'

/** Users of whom every `of`-th has a hit on top. */
const users = (of: number, n = 300): MadeUser[] =>
  Array.from({ length: n }, (_, user) => [user % of === 0 ? [1] : [], 2])

async function verdictOn(better: MadeUser[][], worse: MadeUser[][], printed: 'ml-1m' | null = 'ml-1m') {
  const data = { ...madeData({ jca: better, 'jca-nf': worse }), printed: printed ?? undefined }
  const found = await judge([data], [6])
  expect(found).toHaveLength(1)
  return found[0]
}

describe('a verdict', () => {
  it('confirms what is far better, and tells both differences', async () => {
    const { verdict, printed, ours } = await verdictOn([users(2)], [users(5)])
    expect(verdict).toBe('confirmed')
    expect(printed).toBeCloseTo(0.208 - 0.2006, 12)
    const f1 = (share: number) => (2 * (share / 10) * (share / 2)) / (share / 10 + share / 2)
    expect(ours?.difference).toBeCloseTo(f1(1 / 2) - f1(1 / 5), 12)
    expect(ours?.pF1).toBeLessThan(0.001)
  })

  it('refutes what is far worse', async () => {
    expect((await verdictOn([users(5)], [users(2)])).verdict).toBe('refuted')
  })

  it('does not decide what is the same, or too near', async () => {
    expect((await verdictOn([users(2)], [users(2)])).verdict).toBe('not decided')
    const one = users(2)
    const other = one.map((user, n): MadeUser => (n === 1 ? [[1], 2] : user))
    expect((await verdictOn([other], [one])).verdict).toBe('not decided')
  })

  it('does not decide where one pair of seeds says otherwise, however sure the users are', async () => {
    const { verdict, ours } = await verdictOn([users(2), users(6)], [users(5)])
    expect(ours).toMatchObject({ agreeing: 1, pairsOfSeeds: 2 })
    expect(ours?.pF1).toBeLessThan(0.001)
    expect(verdict).toBe('not decided')
  })

  it("does not decide where users' own F1 and F1 of the averages are on two sides", async () => {
    // Four of sixty items of the many who have as many, against one of each, and the one item of the others.
    const made = (many: readonly number[], few: readonly number[]): MadeUser[] =>
      Array.from({ length: 10_000 }, (_, n) => (n % 10 < 7 ? [many, 60] : [few, 1]))
    const { verdict, ours } = await verdictOn([made([1, 2, 3, 4], [])], [made([1], [1])])
    expect(ours?.difference).toBeLessThan(-0.05)
    expect(ours?.interval.high).toBeLessThan(0)
    expect(ours?.meanOfUsers).toBeGreaterThan(0.005)
    expect(ours?.pF1).toBeLessThan(0.001)
    expect(verdict).toBe('not decided')
  })

  it('is not run where a system is not, and says which reason', async () => {
    const data = madeData({ jca: [users(2)] })
    data.systems.set('jca-nf', { notRun: 'it failed' })
    expect(await judge([data], [6])).toMatchObject([
      { verdict: 'not run', why: 'it failed', ours: undefined },
    ])
    const missing = { label: 'Yelp', printed: 'yelp', split: undefined, systems: new Map() } as const
    expect(await judge([missing], [5])).toMatchObject([{ verdict: 'not run' }, { verdict: 'not run' }])
  })

  it('has nothing printed for other data', async () => {
    expect((await verdictOn([users(2)], [users(5)], null)).printed).toBeUndefined()
  })

  it('ends when it is told to', async () => {
    const stop = () => {
      throw new Error('stopped')
    }
    await expect(judge([madeData({})], [5], stop)).rejects.toThrow('stopped')
  })
})

describe('the claims', () => {
  it('are orderings that the paper prints, on each of its data sets', () => {
    const wrong = claims.flatMap(({ table, better, worse, k, data }) => {
      const { columns, values } = printedTables[table]
      const column = columns.findIndex((c) => c.metric === 'f1' && c.k === k)
      return (data === undefined ? (['ml-1m', 'yelp', 'games'] as const) : [data])
        .filter((on) => !(values(better, on)[column] > values(worse, on)[column]))
        .map((on) => `${better} > ${worse} on ${on}`)
    })
    expect(wrong).toEqual([])
  })

  it('hold those that the abstract stands on', () => {
    const has = (better: SystemName, worse: SystemName) =>
      claims.some((claim) => claim.better === better && claim.worse === worse && claim.k === 10)
    const wanted = [
      ['jca', 'jca-mse'],
      ['jca-mse', 'jca-bpr'],
      ['jca', 'jca-nf'],
      ['ui-autorec', 'u-autorec'],
      ['ui-autorec', 'i-autorec'],
      ['jca', 'cdae'],
    ] as const
    expect(wanted.filter(([better, worse]) => !has(better, worse))).toEqual([])
  })
})

describe('how near a baseline is', () => {
  it('is near within five hundredths of the printed F1@10, on either side', () => {
    // P = s/10 and R = s/2 of a share s of users with a hit: F1 = s/6. MF prints .0265 on Video Games.
    const share = (s: number): MadeUser[] =>
      Array.from({ length: 10_000 }, (_, n) => [n < s * 10_000 ? [1] : [], 2])
    const isNear = (times: number) => {
      const data = madeData({ mf: [share(6 * times * 0.0265)] }, 'games')
      return nearnessOfBaselines([data]).find(({ system }) => system === 'mf')?.isNear
    }
    expect([0.9, 0.945, 0.955, 1.045, 1.055].map(isNear)).toEqual([false, false, true, true, false])
  })

  it('is told of the eight on the data sets of the paper alone', () => {
    expect(nearnessOfBaselines([madeData({}), { ...madeData({}), printed: undefined }])).toHaveLength(8)
  })
})
