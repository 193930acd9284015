import { describe, expect, it } from 'vitest'
import { rowOf } from '../../job/data/csr-matrix.ts'
import type { Engine, EngineModel } from '../../job/engine/engine.ts'
import type { ModelSpec } from '../../job/engine/model-spec.ts'
import { type ModelState, parameterNames } from '../../job/engine/model-state.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { selectTopK } from '../../shared/top-k.ts'
import { jcaSpec, smallProblem, smallSpecs as specs } from './small-problem.ts'

const size = { users: 23, items: 17, density: 0.3, batchUsers: 9, batchItems: 10 }

export interface EngineUnderTest {
  engine: Engine
  /** Largest difference from float64 after one step, relative to the largest value of the array. */
  tolerance: number
  /** Whether the same steps give the same bits. A GPU adds in no fixed order. */
  bitwise: boolean
}

/**
 * What every engine must do, measured against the float64 reference.
 *
 * @param open called once, before the first test
 */
export function engineContract(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`engine contract: ${name}`, () => {
    let opened: Promise<EngineUnderTest> | undefined
    const openOnce = () => {
      opened ??= open()
      return opened
    }

    /** A model of this engine and the reference, from one state. */
    async function sideBySide(spec: ModelSpec, work: (sides: Sides) => Promise<void>): Promise<void> {
      const { engine, tolerance, bitwise } = await openOnce()
      const { ratings, blocks, state } = smallProblem(spec, size)
      const reference = await referenceEngine.create(spec, ratings, state)
      const tested = await engine.create(spec, ratings, state)
      await work({ tested, reference, tolerance, bitwise, ratings, blocks, state })
      tested.close()
    }

    for (const [specName, spec] of Object.entries(specs)) {
      it(`one step, its loss and every gradient: ${specName}`, () =>
        sideBySide(spec, async ({ tested, reference, blocks, tolerance }) => {
          const expected = await reference.step(blocks[0])
          expect(expected).toBeGreaterThan(0)
          expect(Math.abs((await tested.step(blocks[0])) - expected)).toBeLessThan(tolerance * expected)
          // After one step the first moments are the gradients times 0.1, L2 included.
          expectClose(await tested.state(), await reference.state(), 'firstMoments', tolerance)
          expectClose(await tested.state(), await reference.state(), 'secondMoments', tolerance)
        }))

      it(`ten steps of Adam, and the scores before and after them: ${specName}`, () =>
        sideBySide(spec, async ({ tested, reference, blocks, tolerance, bitwise }) => {
          const users = Uint32Array.of(0, 3, 22)
          const expectSameScores = async () => {
            const scores = (await tested.scores(users)).slice()
            const expected = await reference.scores(users)
            expect(scores.length).toBe(users.length * size.items)
            for (let i = 0; i < scores.length; i++) {
              expect(Math.abs(scores[i] - expected[i])).toBeLessThan(tolerance)
            }
            return scores
          }
          await expectSameScores()
          for (let step = 0; step < 10; step++) {
            await reference.step(blocks[step % blocks.length])
            await tested.step(blocks[step % blocks.length])
          }
          // Adam divides by a gradient's own size, so rounding shows most where gradients are next to nothing.
          expectClose(await tested.state(), await reference.state(), 'weights', 10 * tolerance)
          const scores = await expectSameScores()
          // Asked again, and for one user at a time: the same bits.
          if (!bitwise) return
          expect((await tested.scores(users)).slice()).toEqual(scores)
          const one = await tested.scores(Uint32Array.of(3))
          expect(one.slice()).toEqual(scores.slice(size.items, 2 * size.items))
        }))
    }

    it('ranks: the k best of its own scores, known items left out, short lists where no more are left', () =>
      sideBySide(jcaSpec, async ({ tested, ratings, blocks }) => {
        await tested.step(blocks[0])
        const users = Uint32Array.of(22, 0, 7, 8, 3)
        const scores = (await tested.scores(users)).slice()
        for (const masked of [ratings, undefined]) {
          for (const k of [1, 4, size.items, 40]) {
            const lists = await tested.topK(users, k, masked)
            expect(lists).toHaveLength(users.length)
            lists.forEach(({ items, scores: listed }, row) => {
              const own = scores.slice(row * size.items, (row + 1) * size.items)
              const known = masked === undefined ? [] : [...rowOf(masked, users[row])]
              for (const item of known) own[item] = Number.NEGATIVE_INFINITY
              const expected = selectTopK(own, k)
              expect([...items]).toEqual([...expected.items])
              expect([...listed]).toEqual([...expected.scores])
              expect(items.length).toBe(Math.min(k, size.items - known.length))
            })
          }
        }
      }))

    it('gives equal scores in the order of their items', () =>
      sideBySide({ ...jcaSpec, hidden: 4 }, async ({ state, ratings }) => {
        const { engine } = await openOnce()
        for (const { data } of Object.values(state.weights)) data.fill(0)
        const flat = await engine.create({ ...jcaSpec, hidden: 4 }, ratings, state)
        const [list] = await flat.topK(Uint32Array.of(5), 6, undefined)
        expect([...list.items]).toEqual([0, 1, 2, 3, 4, 5])
        flat.close()
      }))

    it('load and go on is going on', () =>
      sideBySide(jcaSpec, async ({ tested, ratings, blocks, state, tolerance, bitwise }) => {
        const { engine } = await openOnce()
        for (const block of blocks) await tested.step(block)
        const before = await engine.create(jcaSpec, ratings, state)
        for (const block of blocks.slice(0, 2)) await before.step(block)
        const after = await engine.create(jcaSpec, ratings, await before.state())
        for (const block of blocks.slice(2)) await after.step(block)
        if (bitwise) expect(await after.state()).toEqual(await tested.state())
        else expectClose(await after.state(), await tested.state(), 'weights', 10 * tolerance)
        before.close()
        after.close()
      }))

    it('a block without pairs moves the weights by L2 alone', () =>
      sideBySide(jcaSpec, async ({ tested, reference, blocks, state, tolerance }) => {
        const empty = {
          ...blocks[0],
          pairOffsets: blocks[0].pairOffsets.map(() => 0),
          cells: new Uint32Array(),
        }
        expect(await tested.step(empty)).toBe(0)
        await reference.step(empty)
        const after = await tested.state()
        expectClose(after, await reference.state(), 'weights', tolerance)
        expect(after.weights['user.decoder'].data).not.toEqual(state.weights['user.decoder'].data)
      }))

    it('draws the next block once a step, and leaves alone the state that it was given', () =>
      sideBySide(jcaSpec, async ({ tested, blocks, state }) => {
        const given = state.weights['user.encoder'].data.slice()
        let drawn = 0
        await tested.step(blocks[0], () => drawn++)
        expect(drawn).toBe(1)
        expect(state.weights['user.encoder'].data).toEqual(given)
      }))
  })
}

interface Sides extends ReturnType<typeof smallProblem> {
  tested: EngineModel
  reference: EngineModel
  tolerance: number
  bitwise: boolean
}

/** Largest difference over all parameters, each relative to its own largest value. */
function expectClose(
  tested: ModelState,
  expected: ModelState,
  part: 'weights' | 'firstMoments' | 'secondMoments',
  tolerance: number,
): void {
  for (const name of parameterNames) {
    const left = tested[part][name].data
    const right = expected[part][name].data
    expect(left.length).toBe(right.length)
    const largest = right.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-30)
    let worst = 0
    for (let i = 0; i < left.length; i++) worst = Math.max(worst, Math.abs(left[i] - right[i]) / largest)
    expect(worst, `${part} of ${name}`).toBeLessThan(tolerance)
  }
}
