import { describe, expect, it } from 'vitest'
import { Random } from '../../job/data/random.ts'
import { type BprOptions, bprKind, descend } from '../../job/models/bpr.ts'
import { modelKindContract } from './model-kind-contract.ts'

describe('a step of BPR', () => {
  it('goes down the finite differences of the loss of its pair', () => {
    const options: BprOptions = {
      factors: 5,
      learningRate: 0.01,
      l2: 0.3,
      l2Bias: 0.2,
      negativesPerPositive: 1,
    }
    const random = new Random(2)
    const drawn = (length: number) => Float64Array.from({ length }, () => random.truncatedNormal())
    const before = [drawn(15), drawn(20), drawn(4)]
    // User 2, item 1 against item 3.
    const loss = ([p, q, b]: Float64Array[]) => {
      let lead = b[1] - b[3]
      let squares = 0
      for (let f = 0; f < 5; f++) {
        lead += p[10 + f] * (q[5 + f] - q[15 + f])
        squares += p[10 + f] ** 2 + q[5 + f] ** 2 + q[15 + f] ** 2
      }
      return Math.log1p(Math.exp(-lead)) + 0.15 * squares + 0.1 * (b[1] ** 2 + b[3] ** 2)
    }
    const [userFactors, itemFactors, itemBias] = before.map((table) => Float32Array.from(table))
    const told = descend(
      { userFactors, itemFactors, itemBias },
      Uint32Array.of(0, 2),
      Uint32Array.of(0, 2, 1, 3),
      1,
      2,
      options,
    )
    expect(told).toBeGreaterThan(0)
    ;[userFactors, itemFactors, itemBias].forEach((table, t) => {
      table.forEach((value, at) => {
        const moved = (by: number) =>
          loss(before.map((other, n) => (n === t ? other.with(at, other[at] + by) : other)))
        const gradient = (moved(1e-6) - moved(-1e-6)) / 2e-6
        expect(value, `${t} ${at}`).toBeCloseTo(before[t][at] - 0.01 * gradient, 6)
      })
    })
  })
})

modelKindContract(bprKind, {
  options: { factors: 16, learningRate: 0.05, l2: 0.01 },
  epochs: 60,
  random: true,
  refused: [{ factors: 0 }, { learningRate: 0 }, { l2: -1 }, { negativesPerPositive: 0 }, { hidden: 3 }],
  shopFloor: 0.3,
})
