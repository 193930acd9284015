import { describe, expect, it } from 'vitest'
import { Random } from '../../../job/data/random.ts'
import { AlsEngine, type AlsOptions } from '../../../job/engine/linear/als-engine.ts'
import { type PlainTable, plainLoss, plainSweep } from './plain-als.ts'
import { randomRatings } from './random-ratings.ts'

/** 60 users, 40 items, about 12 items a user: some rows have fewer cells than there are factors and some have more. */
const ratings = randomRatings(60, 40, 900)
const base: AlsOptions = { factors: 10, unobserved: 0.1, l2: 0.3, l2Exponent: 0 }
const cases: Record<string, AlsOptions> = {
  'fewer factors than most rows have cells': base,
  'more factors than any row has': { ...base, factors: 70 },
  'factors of whole tiles': { ...base, factors: 16 },
  'one factor': { ...base, factors: 1 },
  'a penalty by frequency': { ...base, l2: 0.2, l2Exponent: 1 },
  'and by its root': { ...base, factors: 24, l2: 0.2, l2Exponent: 0.5 },
  'all cells of equal weight': { ...base, unobserved: 1, l2: 3 },
}

const silent = async () => {}

function startingItems(factors: number): Float32Array {
  const random = new Random(4)
  return Float32Array.from({ length: ratings.columnCount * factors }, () => random.truncatedNormal())
}

function rowsOf(values: Float32Array, factors: number): PlainTable {
  return Array.from({ length: values.length / factors }, (_, row) => [
    ...values.subarray(row * factors, (row + 1) * factors),
  ])
}

describe('alternating least squares', () => {
  for (const [name, options] of Object.entries(cases)) {
    it(`sweeps to the scores and the loss of float64 normal equations: ${name}`, async () => {
      const engine = await AlsEngine.create(ratings, options, 2)
      const start = startingItems(options.factors)
      engine.load('items', start)
      let items = rowsOf(start, options.factors)
      let users: PlainTable = []
      for (let sweep = 1; sweep <= 3; sweep++) {
        const shares: number[] = []
        const loss = await engine.sweep(async (share, of) => {
          shares.push(share / of)
        })
        expect(shares).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((share) => share / 8))
        ;({ users, items } = plainSweep(ratings, options, items))
        const want = plainLoss(ratings, options.unobserved, users, items)
        expect(Math.abs(loss - want) / want).toBeLessThan(1e-4)
      }
      // Factors are turned; what they score is not.
      const scores = engine.scores(Uint32Array.from(users, (_, user) => user))
      const want = users.flatMap((x) => items.map((y) => x.reduce((sum, value, k) => sum + value * y[k], 0)))
      expect(Math.max(...want.map((score, n) => Math.abs(score - scores[n])))).toBeLessThan(2e-4)
      engine.close()
    })
  }

  it('lowers the loss with its penalties from sweep to sweep', async () => {
    const options = { ...base, l2Exponent: 0.5 }
    const engine = await AlsEngine.create(ratings, options, 1)
    engine.load('items', startingItems(options.factors))
    let before = Number.POSITIVE_INFINITY
    for (let sweep = 1; sweep <= 6; sweep++) {
      let loss = await engine.sweep(silent)
      const penalty = (of: 'users' | 'items', row: number) => {
        const { shape, data } = engine.factors(of)
        const square = data.subarray(row * shape[1], (row + 1) * shape[1]).reduce((sum, x) => sum + x * x, 0)
        return (
          square * options.l2 * (countOf(of, row) + options.unobserved * (of === 'users' ? 40 : 60)) ** 0.5
        )
      }
      for (let user = 0; user < 60; user++) loss += penalty('users', user)
      for (let item = 0; item < 40; item++) loss += penalty('items', item)
      expect(loss).toBeLessThan(before)
      before = loss
    }
    engine.close()
  })

  it('refuses tables that no memory holds, and says how large they are', async () => {
    await expect(
      AlsEngine.create({ ...ratings, rowCount: 2_000_000 }, { ...base, factors: 512 }, 1),
    ).rejects.toMatchObject({ code: 'FACTORS_MEMORY', message: expect.stringContaining('4.1 GB') })
  })

  it('gives the same bits on one thread and on three', async () => {
    const bits = async (threads: number) => {
      const engine = await AlsEngine.create(ratings, base, threads)
      engine.load('items', startingItems(base.factors))
      for (let sweep = 1; sweep <= 2; sweep++) await engine.sweep(silent)
      const tables = [engine.factors('users'), engine.factors('items')]
      engine.close()
      return tables
    }
    expect(await bits(3)).toEqual(await bits(1))
  })
})

function countOf(of: 'users' | 'items', row: number): number {
  if (of === 'users') return ratings.rowOffsets[row + 1] - ratings.rowOffsets[row]
  return ratings.columns.filter((item) => item === row).length
}
