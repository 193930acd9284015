import { describe, expect, it } from 'vitest'
import type { ModelSpec } from '../../job/engine/model-spec.ts'
import { parameterNames } from '../../job/engine/model-state.ts'
import { ReferenceModel } from '../../job/engine/reference/reference-engine.ts'
import { cdaeSpec, jcaSpec, smallProblem } from './small-problem.ts'

const size = { users: 8, items: 7, density: 0.4, batchUsers: 6, batchItems: 5 }
const step = 1e-6

/** Every loss, every part: what `lossAndGradients` says against what the loss does when one weight moves. */
const specs: Record<string, ModelSpec> = {
  // A margin that no pair reaches keeps every pair away from the hinge's corner, where no derivative exists.
  'hinge, all pairs active': { ...jcaSpec, hidden: 4, margin: 0.9 },
  'hinge, some pairs active': { ...jcaSpec, hidden: 4, margin: 0.002 },
  mse: { ...jcaSpec, hidden: 4, loss: 'mse' },
  bpr: { ...jcaSpec, hidden: 4, loss: 'bpr' },
  'without the item factor': { ...jcaSpec, hidden: 4, itemFactor: false, margin: 0.9 },
  'user component alone': { ...jcaSpec, hidden: 4, itemComponent: false, itemFactor: false, margin: 0.9 },
  'user vectors and corrupted rows': { ...cdaeSpec, hidden: 4 },
  'JCA with vectors and corrupted rows': {
    ...jcaSpec,
    hidden: 4,
    userVector: true,
    userCorruption: 0.5,
    margin: 0.9,
  },
  'item component alone': { ...jcaSpec, hidden: 4, userComponent: false, margin: 0.9 },
}

describe('gradients of the reference engine are the finite differences of its loss', () => {
  for (const [name, spec] of Object.entries(specs)) {
    it(name, () => {
      const { ratings, blocks, state } = smallProblem(spec, size)
      const model = new ReferenceModel(spec, ratings, state)
      const { loss, gradients } = model.lossAndGradients(blocks[0])
      expect(loss).toBeGreaterThan(0)
      let checked = 0
      for (const parameter of parameterNames) {
        const weights = model.weights[parameter]
        for (let i = 0; i < weights.length; i++) {
          const held = weights[i]
          weights[i] = held + step
          const above = model.lossAndGradients(blocks[0]).loss
          weights[i] = held - step
          const below = model.lossAndGradients(blocks[0]).loss
          weights[i] = held
          const difference = (above - below) / (2 * step)
          expect(Math.abs(gradients[parameter][i] - difference), `${parameter}[${i}]`).toBeLessThan(1e-7)
          if (difference !== 0) checked++
        }
      }
      // A test of zeros against zeros would prove nothing.
      expect(checked).toBeGreaterThan(20)
    })
  }
})
