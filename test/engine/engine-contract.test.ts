import { describe, expect, it } from 'vitest'
import type { Engine } from '../../job/engine/engine.ts'
import type { ModelSpec } from '../../job/engine/model-spec.ts'
import { type ModelState, parameterNames } from '../../job/engine/model-state.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { jcaSpec, smallProblem } from './small-problem.ts'

const specs: Record<string, ModelSpec> = {
  'JCA, hinge': jcaSpec,
  'JCA, mse': { ...jcaSpec, loss: 'mse' },
  'JCA, bpr': { ...jcaSpec, loss: 'bpr' },
  'JCA without the item factor': { ...jcaSpec, itemFactor: false },
  'user component alone': { ...jcaSpec, itemComponent: false, itemFactor: false, loss: 'mse' },
  'item component alone': { ...jcaSpec, userComponent: false, itemFactor: false, loss: 'mse' },
  'hidden size that fills no vector': { ...jcaSpec, hidden: 7 },
  'hidden size of the paper': { ...jcaSpec, hidden: 160 },
}
const size = { users: 23, items: 17, density: 0.3, batchUsers: 9, batchItems: 10 }

/** Every engine against the float64 reference. `tolerance` is relative to the largest value of the array. */
const engines: { engine: Engine; tolerance: number }[] = [
  { engine: wasmEngineOn(1), tolerance: 1e-4 },
  { engine: wasmEngineOn(2), tolerance: 1e-4 },
]

for (const { engine, tolerance } of engines) {
  describe(`engine contract: ${engine.name} on ${engine.threads} threads agrees with the reference to ${tolerance}`, () => {
    for (const [name, spec] of Object.entries(specs)) {
      it(`one step and its loss: ${name}`, async () => {
        const { ratings, blocks, state } = smallProblem(spec, size)
        const reference = await referenceEngine.create(spec, ratings, state)
        const tested = await engine.create(spec, ratings, state)
        const expected = await reference.step(blocks[0])
        expect(expected).toBeGreaterThan(0)
        expect(Math.abs((await tested.step(blocks[0])) - expected)).toBeLessThan(tolerance * expected)
        // After one step the first moments are the gradients times 0.1, L2 included.
        expect(worstDifference(await tested.state(), await reference.state(), 'firstMoments')).toBeLessThan(
          tolerance,
        )
        expect(worstDifference(await tested.state(), await reference.state(), 'secondMoments')).toBeLessThan(
          tolerance,
        )
        tested.close()
      })

      it(`ten steps and the scores after them: ${name}`, async () => {
        const { ratings, blocks, state } = smallProblem(spec, size)
        const reference = await referenceEngine.create(spec, ratings, state)
        const tested = await engine.create(spec, ratings, state)
        for (let step = 0; step < 10; step++) {
          await reference.step(blocks[step % blocks.length])
          await tested.step(blocks[step % blocks.length])
        }
        // Adam divides by a gradient's own size, so rounding shows most where gradients are next to nothing.
        expect(worstDifference(await tested.state(), await reference.state(), 'weights')).toBeLessThan(
          10 * tolerance,
        )
        const users = Uint32Array.of(0, 3, 22)
        const expected = await reference.scores(users)
        const scores = (await tested.scores(users)).slice()
        expect(scores.length).toBe(users.length * size.items)
        for (let i = 0; i < scores.length; i++) {
          expect(Math.abs(scores[i] - expected[i])).toBeLessThan(tolerance)
        }
        // Asked again, and for one user at a time: the same bits.
        expect(await tested.scores(users)).toEqual(scores)
        expect(await tested.scores(Uint32Array.of(3))).toEqual(scores.slice(size.items, 2 * size.items))
        tested.close()
      })
    }

    it('load and go on gives the bits of going on', async () => {
      const { ratings, blocks, state } = smallProblem(jcaSpec, size)
      const straight = await engine.create(jcaSpec, ratings, state)
      for (const block of blocks) await straight.step(block)
      const before = await engine.create(jcaSpec, ratings, state)
      for (const block of blocks.slice(0, 2)) await before.step(block)
      const after = await engine.create(jcaSpec, ratings, await before.state())
      for (const block of blocks.slice(2)) await after.step(block)
      expect(await after.state()).toEqual(await straight.state())
    })

    it('a block without pairs still moves the weights, by L2', async () => {
      const { ratings, blocks, state } = smallProblem(jcaSpec, size)
      const empty = {
        ...blocks[0],
        pairOffsets: blocks[0].pairOffsets.map(() => 0),
        cells: new Uint32Array(),
      }
      const reference = await referenceEngine.create(jcaSpec, ratings, state)
      const tested = await engine.create(jcaSpec, ratings, state)
      expect(await tested.step(empty)).toBe(0)
      await reference.step(empty)
      expect(worstDifference(await tested.state(), await reference.state(), 'weights')).toBeLessThan(
        tolerance,
      )
      expect((await tested.state()).weights['user.decoder'].data).not.toEqual(
        state.weights['user.decoder'].data,
      )
    })
  })
}

describe('the wasm engine', () => {
  it('gives the same bits on 1, 2, 3 and 4 threads, also where rows outnumber the lots', async () => {
    const spec = { ...jcaSpec, hidden: 20 }
    const large = { users: 400, items: 300, density: 0.05, batchUsers: 150, batchItems: 170 }
    const { ratings, blocks, state } = smallProblem(spec, large)
    const run = async (threads: number) => {
      const model = await wasmEngineOn(threads).create(spec, ratings, state)
      const losses: number[] = []
      for (const block of blocks) losses.push(await model.step(block))
      const scores = (await model.scores(Uint32Array.from({ length: 333 }, (_, user) => user))).slice()
      const after = await model.state()
      model.close()
      return { losses, scores, after }
    }
    const one = await run(1)
    for (const threads of [2, 3, 4]) expect(await run(threads), `${threads} threads`).toEqual(one)
  })
})

/** Largest difference over all parameters, each relative to its own largest value. */
function worstDifference(
  a: ModelState,
  b: ModelState,
  part: 'weights' | 'firstMoments' | 'secondMoments',
): number {
  let worst = 0
  for (const name of parameterNames) {
    const left = a[part][name].data
    const right = b[part][name].data
    expect(left.length).toBe(right.length)
    const largest = right.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-30)
    for (let i = 0; i < left.length; i++) worst = Math.max(worst, Math.abs(left[i] - right[i]) / largest)
  }
  return worst
}
