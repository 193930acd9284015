import type { Engine } from '../../../job/engine/engine.ts'
import { type ModelState, parameterNames } from '../../../job/engine/model-state.ts'
import { referenceEngine } from '../../../job/engine/reference/reference-engine.ts'
import { smallProblem, smallSpecs } from '../../engine/small-problem.ts'

/** What a model's steps are off from float64, as the engine contract counts it, and whether they repeat to the bit. */
export interface Check {
  spec: string
  /** Relative, after one step. */
  loss: number
  /** Largest difference of a gradient, relative to the largest of its array, after one step. */
  gradients: number
  /** The same of the weights, after ten steps. */
  weights: number
  /** Largest difference of a score, after ten steps. */
  scores: number
  /** Whether the same ten steps gave the same weights again. */
  repeats: boolean
}

/** The engine contract's numbers where no test runner is at hand: two sizes, one of them a block of the usual kind. */
export async function checkEngine(engine: Engine, quick: boolean): Promise<Check[]> {
  const small = { users: 23, items: 17, density: 0.3, batchUsers: 9, batchItems: 10 }
  const large = { users: 700, items: 500, density: 0.05, batchUsers: 400, batchItems: 300 }
  const checks: Check[] = []
  for (const size of quick ? [small] : [small, large]) {
    for (const [name, spec] of Object.entries(smallSpecs)) {
      const { ratings, blocks, state } = smallProblem(spec, size)
      const reference = await referenceEngine.create(spec, ratings, state)
      const tested = await engine.create(spec, ratings, state)
      const again = await engine.create(spec, ratings, state)
      const users = Uint32Array.of(0, 3, 22)
      let loss = 0
      let gradients = 0
      for (let step = 0; step < 10; step++) {
        const block = blocks[step % blocks.length]
        const expected = await reference.step(block)
        const found = await tested.step(block)
        await again.step(block)
        if (step > 0) continue
        loss = Math.abs(found - expected) / expected
        // After one step the first moments are the gradients times 0.1, L2 included.
        gradients = worst(await tested.state(), await reference.state(), 'firstMoments')
      }
      const [after, expected, repeated] = [await tested.state(), await reference.state(), await again.state()]
      const scores = (await tested.scores(users)).slice()
      const right = await reference.scores(users)
      checks.push({
        spec: `${name}, ${size.users} x ${size.items}`,
        loss,
        gradients,
        weights: worst(after, expected, 'weights'),
        scores: scores.reduce((most, score, i) => Math.max(most, Math.abs(score - right[i])), 0),
        repeats: worst(after, repeated, 'weights') === 0,
      })
      for (const model of [reference, tested, again]) model.close()
    }
  }
  return checks
}

/** Largest difference over all parameters, each relative to its own largest value. */
function worst(tested: ModelState, expected: ModelState, part: 'weights' | 'firstMoments'): number {
  let most = 0
  for (const name of parameterNames) {
    const [left, right] = [tested[part][name].data, expected[part][name].data]
    const largest = right.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-30)
    left.forEach((x, i) => {
      most = Math.max(most, Math.abs(x - right[i]) / largest)
    })
  }
  return most
}
