import { describe, expect, it } from 'vitest'
import { Random } from '../../../job/data/random.ts'
import { sampleCells } from '../../../job/data/sample-cells.ts'
import { TowerEngine } from '../../../job/engine/sampled/tower-engine.ts'
import { TowerScores } from '../../../job/engine/sampled/tower-scores.ts'
import { type TowerOptions, towerShapes } from '../../../job/engine/sampled/tower-tables.ts'
import { furthestFromDifferences, noMoments, plainAdam, type Tables } from './plain-adam.ts'
import { smallRatings } from './small-ratings.ts'

const options: TowerOptions = {
  // Not a whole number of pairs of vectors.
  factors: 12,
  embedding: 32,
  learningRate: 0.003,
  l2: 0.05,
  l2Perceptron: 0.2,
  negativesPerPositive: 2,
  // More samples than pass at a time.
  batchCells: 90,
}
const width = 1 + options.negativesPerPositive

/** All tables drawn at random, where the engine's own start has zeros. */
function randomState(userCount: number, itemCount: number) {
  const random = new Random(11)
  const weights = Object.fromEntries(
    Object.entries(towerShapes(options, userCount, itemCount)).map(([name, shape]) => {
      const length = shape.reduce((product, n) => product * n, 1)
      return [
        name,
        { shape, data: Float32Array.from({ length }, () => 0.3 * random.truncatedNormal()) },
      ] as const
    }),
  )
  return { step: 0, weights, memory: {} }
}

function doubles(weights: Record<string, { data: Float32Array }>): Tables {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]),
  )
}

const rowOf = (table: Float64Array, row: number, length: number) =>
  table.subarray(row * length, (row + 1) * length)

/** The equation in plain loops: outputs of all layers, the embeddings side by side before them, and the score. */
function forward(tables: Tables, user: number, item: number) {
  const { factors, embedding } = options
  const outputs = [
    Float64Array.of(
      ...rowOf(tables['user.embedding'], user, embedding),
      ...rowOf(tables['item.embedding'], item, embedding),
    ),
  ]
  for (let l = 1; l <= 3; l++) {
    const bias = tables[`layer.${l}.bias`]
    const weights = tables[`layer.${l}.weights`]
    outputs.push(
      bias.map((start, n) =>
        Math.max(
          0,
          outputs[l - 1].reduce((sum, x, k) => sum + x * weights[k * bias.length + n], start),
        ),
      ),
    )
  }
  const p = rowOf(tables['user.factors'], user, factors)
  const q = rowOf(tables['item.factors'], item, factors)
  const read = [...p.map((value, f) => value * q[f]), ...outputs[3], 1]
  return { outputs, p, q, read, score: read.reduce((sum, x, n) => sum + x * tables.head[n], 0) }
}

/** Loss of a batch with and without its L2 term, gradient with it. */
function differentiate(tables: Tables, users: Uint32Array, items: Uint32Array) {
  const { factors, embedding, l2, l2Perceptron } = options
  const gradients: Tables = Object.fromEntries(
    Object.entries(tables).map(([name, { length }]) => [name, new Float64Array(length)]),
  )
  let loss = 0
  let penalty = 0
  items.forEach((item, sample) => {
    const user = users[Math.floor(sample / width)]
    const { outputs, p, q, read, score } = forward(tables, user, item)
    const sign = sample % width === 0 ? 1 : -1
    loss += Math.log1p(Math.exp(-sign * score))
    const d = -sign / (1 + Math.exp(sign * score))
    read.forEach((x, n) => {
      gradients.head[n] += d * x
    })
    for (let f = 0; f < factors; f++) {
      gradients['user.factors'][user * factors + f] += d * tables.head[f] * q[f] + l2 * p[f]
      gradients['item.factors'][item * factors + f] += d * tables.head[f] * p[f] + l2 * q[f]
      penalty += (l2 / 2) * (p[f] ** 2 + q[f] ** 2)
    }
    let back = outputs[3].map((_, n) => d * tables.head[factors + n])
    for (let l = 3; l >= 1; l--) {
      const inward = back.map((g, n) => (outputs[l][n] > 0 ? g : 0))
      const weights = tables[`layer.${l}.weights`]
      inward.forEach((g, n) => {
        gradients[`layer.${l}.bias`][n] += g
      })
      back = outputs[l - 1].map((x, k) => {
        let sum = 0
        inward.forEach((g, n) => {
          gradients[`layer.${l}.weights`][k * inward.length + n] += x * g
          sum += weights[k * inward.length + n] * g
        })
        return sum
      })
    }
    outputs[0].forEach((x, k) => {
      const [table, row] = k < embedding ? ['user.embedding', user] : ['item.embedding', item]
      gradients[table][row * embedding + (k % embedding)] += back[k] + l2Perceptron * x
      penalty += (l2Perceptron / 2) * x * x
    })
  })
  return { loss, withL2: loss + penalty, gradients }
}

describe('the tower engine', () => {
  it('is tested against loops whose gradient is that of finite differences', () => {
    const plain = doubles(randomState(4, 6).weights)
    const cells = [Uint32Array.of(0, 3, 0), Uint32Array.of(5, 1, 2, 0, 4, 5, 1, 3, 3)] as const
    const { gradients } = differentiate(plain, ...cells)
    const withL2 = () => differentiate(plain, ...cells).withL2
    const { furthest, checked } = furthestFromDifferences(plain, gradients, withL2, 7)
    expect(furthest).toBeLessThan(1e-7)
    expect(checked).toBeGreaterThan(100)
  })

  it('takes the steps of those loops', async () => {
    const ratings = smallRatings()
    const start = randomState(ratings.rowCount, ratings.columnCount)
    const engine = await TowerEngine.create(ratings, options, 3, start)
    const plain = doubles(start.weights)
    const moments = noMoments(plain)
    for (let epoch = 1; epoch <= 2; epoch++) {
      const { users, items } = sampleCells(ratings, options.negativesPerPositive, new Random(3, epoch, 1))
      let begin = 0
      for (const { loss, steps } of engine.epoch(epoch)) {
        expect(steps).toBe(Math.ceil(users.length / options.batchCells))
        const end = begin + options.batchCells
        const batch = [users.subarray(begin, end), items.subarray(width * begin, width * end)] as const
        begin = end
        const want = differentiate(plain, ...batch)
        expect(Math.abs(loss - want.loss)).toBeLessThan(1e-5 * want.loss)
        const met = { user: new Set(batch[0]), item: new Set(batch[1]) }
        plainAdam(plain, want.gradients, moments, options.learningRate, (name, at) => {
          const [side, part] = name.split('.')
          if (side !== 'user' && side !== 'item') return true
          return met[side].has(Math.floor(at / (part === 'factors' ? options.factors : options.embedding)))
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

  it('scores what the equation says, for more items than pass at a time', async () => {
    const [userCount, itemCount] = [5, 300]
    const ratings = { ...smallRatings(), rowCount: userCount, columnCount: itemCount }
    const start = randomState(userCount, itemCount)
    const scorer = new TowerScores(await TowerEngine.create(ratings, options, 3, start), itemCount)
    scorer.load()
    const plain = doubles(start.weights)
    const users = Uint32Array.of(4, 0, 2)
    const scores = scorer.compute(users)
    users.forEach((user, row) => {
      const furthest = Math.max(
        ...Array.from({ length: itemCount }, (_, item) =>
          Math.abs(scores[row * scorer.stride + item] - forward(plain, user, item).score),
        ),
      )
      expect(furthest).toBeLessThan(1e-5)
    })
  })
})
