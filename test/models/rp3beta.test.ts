import { describe, expect, it } from 'vitest'
import { rowOf, transpose } from '../../job/data/csr-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { rp3betaKind } from '../../job/models/rp3beta.ts'
import { randomRatings } from '../engine/linear/random-ratings.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(rp3betaKind, {
  options: { neighbours: 20 },
  epochs: 1,
  random: false,
  refused: [{ neighbours: 0 }, { alpha: -0.1 }, { beta: 4 }, { shrinkage: 1 }],
  shopFloor: 0.35,
})

describe('a walk of three steps', () => {
  it('is counted over every way from the user to an item, by the steps’ probabilities', async () => {
    const ratings = randomRatings(40, 25, 300)
    const raters = transpose(ratings)
    const options = { neighbours: 24, alpha: 0.7, beta: 0.4 }
    const model = await rp3betaKind.create({
      ...{ options, ratings, seed: 1, engine: wasmEngineOn(1), threads: 1, state: undefined },
    })
    await model.epoch(1, async () => {})
    const scores = await model.scores(Uint32Array.of(5))
    const [has, having] = [(user: number) => rowOf(ratings, user), (item: number) => rowOf(raters, item)]
    for (let j = 0; j < 25; j++) {
      let sum = 0
      for (const i of has(5)) {
        // A step back to where it came from is no step: an item is not its own neighbour.
        if (i === j) continue
        for (const v of having(i)) {
          if (has(v).includes(j)) sum += having(i).length ** -0.7 * has(v).length ** -0.7
        }
      }
      const want = having(j).length === 0 ? 0 : sum * having(j).length ** -0.4
      expect(scores[j]).toBeCloseTo(want, 5)
    }
    model.close()
  })
})
