import { describe, expect, it } from 'vitest'
import { Random } from '../../../job/data/random.ts'
import { FactorScores } from '../../../job/engine/sampled/factor-scores.ts'
import { sampledKernels } from '../../../job/engine/sampled/kernels.ts'
import { EngineMemory } from '../../../job/engine/wasm/engine-memory.ts'

const random = new Random(7)
const matrix = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, () => random.truncatedNormal())

/** A, B and a bias in memory, and A B + bias in float64. */
async function problem(rows: number, inner: number, columns: number) {
  const memory = new EngineMemory()
  const kernels = await sampledKernels(memory.memory)
  const place = (values: Float32Array) => {
    const address = memory.allocate(values.byteLength)
    memory.f32(address, values.length).set(values)
    return address
  }
  const [a, b, bias] = [matrix(rows, inner), matrix(inner, columns), matrix(1, columns)]
  const product = Array.from({ length: rows * columns }, (_, at) => {
    const [r, c] = [Math.floor(at / columns), at % columns]
    let sum = bias[c]
    for (let k = 0; k < inner; k++) sum += a[r * inner + k] * b[k * columns + c]
    return sum
  })
  return { memory, kernels, place, a, b, bias, product }
}

function expectClose(got: Iterable<number>, want: readonly number[]): void {
  const values = [...got]
  expect(values.length).toBe(want.length)
  const furthest = Math.max(...values.map((value, at) => Math.abs(value - want[at])))
  expect(furthest).toBeLessThan(1e-4)
}

describe('products of the sampled models are those of float64 loops', () => {
  // Rows that fill no tile, and one alone.
  for (const [rows, inner, columns] of [
    [11, 12, 16],
    [1, 5, 8],
    [64, 32, 24],
  ]) {
    it(`[${rows}, ${inner}] x [${inner}, ${columns}], rectified and not`, async () => {
      const { memory, kernels, place, a, b, bias, product } = await problem(rows, inner, columns)
      const panels = memory.allocate(b.byteLength)
      const out = memory.allocate(4 * rows * columns)
      kernels.pack(panels, place(b), inner, columns)
      const [aAt, biasAt] = [place(a), place(bias)]
      kernels.multiply(out, aAt, panels, biasAt, Number.NEGATIVE_INFINITY, rows, inner, columns)
      expectClose(memory.f32(out, rows * columns), product)
      kernels.multiply(out, aAt, panels, biasAt, 0, rows, inner, columns)
      expectClose(
        memory.f32(out, rows * columns),
        product.map((value) => Math.max(0, value)),
      )
    })
  }

  it('A^T B is added, over more rows than pass at a time', async () => {
    const [rows, inner, columns] = [77, 12, 16]
    const { memory, kernels, place } = await problem(rows, inner, columns)
    const [a, b, start] = [matrix(rows, inner), matrix(rows, columns), matrix(inner, columns)]
    const want = Array.from(start, (value, at) => {
      let sum = value
      for (let r = 0; r < rows; r++)
        sum += a[r * inner + Math.floor(at / columns)] * b[r * columns + (at % columns)]
      return sum
    })
    const out = place(start)
    kernels.addTransposedProduct(out, place(a), place(b), rows, inner, columns)
    expectClose(memory.f32(out, inner * columns), want)
  })

  it('scores by factors: p_u . q_i + b_i, whatever the number of items and of users', async () => {
    const [users, items, factors] = [70, 13, 6]
    const [p, q, bias] = [matrix(users, factors), matrix(items, factors), matrix(1, items)]
    const scorer = await FactorScores.create(items, factors)
    scorer.load(p, q, bias)
    const asked = Uint32Array.of(69, 0, 3)
    const scores = scorer.compute(asked)
    asked.forEach((user, row) => {
      const want = Array.from(bias, (value, item) => {
        let sum = value
        for (let f = 0; f < factors; f++) sum += p[user * factors + f] * q[item * factors + f]
        return sum
      })
      expectClose(scores.subarray(row * scorer.stride, row * scorer.stride + items), want)
    })
  })
})
