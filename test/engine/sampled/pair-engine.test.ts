import { describe, expect, it } from 'vitest'
import { Random } from '../../../job/data/random.ts'
import { sampleCells } from '../../../job/data/sample-cells.ts'
import { PairEngine, type PairOptions } from '../../../job/engine/sampled/pair-engine.ts'
import { furthestFromDifferences, noMoments, plainAdam, type Tables } from './plain-adam.ts'
import { smallRatings } from './small-ratings.ts'

const options: PairOptions = {
  // Not a whole number of pairs of vectors.
  factors: 12,
  learningRate: 0.01,
  l2: 0.05,
  negativesPerPositive: 2,
  batchCells: 25,
}

/** The equation in plain loops: loss of a batch with and without its L2 term, gradient with it. */
function differentiate(tables: Tables, users: Uint32Array, items: Uint32Array) {
  const { factors, l2, negativesPerPositive } = options
  const { userFactors: p, itemFactors: q, output: h } = tables
  const gradients: Tables = Object.fromEntries(
    Object.entries(tables).map(([name, { length }]) => [name, new Float64Array(length)]),
  )
  let loss = 0
  let squares = 0
  users.forEach((user, cell) => {
    for (let n = 1; n <= negativesPerPositive; n++) {
      const u = user * factors
      const i = items[cell * (1 + negativesPerPositive)] * factors
      const j = items[cell * (1 + negativesPerPositive) + n] * factors
      let lead = 0
      for (let f = 0; f < factors; f++) lead += h[f] * p[u + f] * (q[i + f] - q[j + f])
      loss += Math.log1p(Math.exp(-lead))
      const d = -1 / (1 + Math.exp(lead))
      for (let f = 0; f < factors; f++) {
        squares += p[u + f] ** 2 + q[i + f] ** 2 + q[j + f] ** 2
        gradients.userFactors[u + f] += d * h[f] * (q[i + f] - q[j + f]) + l2 * p[u + f]
        gradients.itemFactors[i + f] += d * h[f] * p[u + f] + l2 * q[i + f]
        gradients.itemFactors[j + f] += -d * h[f] * p[u + f] + l2 * q[j + f]
        gradients.output[f] += d * p[u + f] * (q[i + f] - q[j + f])
      }
    }
  })
  return { loss, withL2: loss + (l2 / 2) * squares, gradients }
}

describe('the pair engine', () => {
  it('takes the steps of plain loops in float64, whose gradient is that of finite differences', async () => {
    const ratings = smallRatings()
    const engine = await PairEngine.create(ratings, options, 3, undefined)
    const { weights } = engine.state()
    const plain: Tables = Object.fromEntries(
      Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]),
    )
    const moments = noMoments(plain)
    for (let epoch = 1; epoch <= 3; epoch++) {
      const { users, items } = sampleCells(ratings, 2, new Random(3, epoch, 1))
      let begin = 0
      for (const { loss, steps } of engine.epoch(epoch)) {
        expect(steps).toBe(Math.ceil(users.length / 25))
        const batchUsers = users.subarray(begin, begin + 25)
        const batchItems = items.subarray(3 * begin, 3 * (begin + 25))
        begin += 25
        const want = differentiate(plain, batchUsers, batchItems)
        expect(Math.abs(loss - want.loss)).toBeLessThan(1e-5 * want.loss)
        if (begin === 25) {
          const { furthest, checked } = furthestFromDifferences(
            plain,
            want.gradients,
            () => differentiate(plain, batchUsers, batchItems).withL2,
            1,
          )
          expect(furthest).toBeLessThan(1e-7)
          expect(checked).toBeGreaterThan(300)
        }
        const [met, metItems] = [new Set(batchUsers), new Set(batchItems)]
        plainAdam(plain, want.gradients, moments, options.learningRate, (name, at) => {
          const row = Math.floor(at / options.factors)
          return name === 'output' || (name === 'userFactors' ? met.has(row) : metItems.has(row))
        })
      }
    }
    const after = engine.state()
    expect(after.step).toBe(moments.step)
    for (const [name, { data }] of Object.entries(after.weights)) {
      const furthest = Math.max(...data.map((value, at) => Math.abs(value - plain[name][at])))
      expect(furthest, name).toBeLessThan(1e-4)
    }
  })
})
