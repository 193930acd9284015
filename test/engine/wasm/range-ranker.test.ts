import { describe, expect, it } from 'vitest'
import { rowRange, transpose } from '../../../job/data/csr-matrix.ts'
import type { WeightReader } from '../../../job/engine/engine.ts'
import { initialState, type ModelState } from '../../../job/engine/model-state.ts'
import { Crew } from '../../../job/engine/wasm/crew.ts'
import { EngineMemory } from '../../../job/engine/wasm/engine-memory.ts'
import { openRangeRanker } from '../../../job/engine/wasm/range-ranker.ts'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { cdaeSpec, jcaSpec, smallProblem } from '../small-problem.ts'

const size = { users: 90, items: 37, density: 0.5, batchUsers: 9, batchItems: 10 }
const specs = {
  JCA: { ...jcaSpec, hidden: 20 },
  'a hidden size that fills no vector': { ...jcaSpec, hidden: 7 },
  'without the item factor': { ...jcaSpec, itemFactor: false },
  'the user component alone': { ...jcaSpec, itemComponent: false, itemFactor: false },
  CDAE: { ...cdaeSpec, hidden: 7 },
  'JCA with user vectors': { ...jcaSpec, userVector: true },
  'the item component alone': { ...jcaSpec, userComponent: false, itemFactor: false, hidden: 33 },
}

/** Weights of a state, by rows. */
function readerOf(state: ModelState): WeightReader {
  return {
    async read(name, rows) {
      const { data, shape } = state.weights[name]
      if (rows === undefined) return data
      const width = data.length / shape[0]
      return data.subarray(rows.first * width, (rows.first + rows.count) * width)
    },
  }
}

describe('ranking users in ranges', () => {
  for (const [name, spec] of Object.entries(specs)) {
    it(`gives the bits of the whole model, whatever the blocks and the ranges: ${name}`, async () => {
      const { ratings } = smallProblem(spec, size)
      const state = initialState(spec, size.users, size.items, 3)
      const whole = await wasmEngineOn(1).create(spec, ratings, state)
      const expected = await whole.topK(
        Uint32Array.from({ length: size.users }, (_, user) => user),
        size.items,
        ratings,
      )
      whole.close()
      for (const blockUsers of [1, 2, 3, 7, 32, 33, 89, 90, 200]) {
        const memory = new EngineMemory()
        const crew = await Crew.gather(memory.memory, 2)
        const ranker = await openRangeRanker(
          spec,
          transpose(ratings),
          readerOf(state),
          memory,
          crew,
          blockUsers,
        )
        const found = []
        for (const [first, end] of [
          [0, 40],
          [40, 41],
          [41, 90],
        ]) {
          const own = rowRange(ratings, first, end)
          await ranker.take(first, own)
          found.push(
            ...(await ranker.topK(
              Uint32Array.from({ length: end - first }, (_, row) => row),
              size.items,
              own,
            )),
          )
        }
        ranker.close()
        expect(found, `blocks of ${blockUsers}`).toEqual(expected)
      }
    })
  }
})
