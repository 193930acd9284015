import { expect, it } from 'vitest'
import { parameterNames } from '../../job/engine/model-state.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { openBackend } from '../../job/engine/tfjs/open-backend.ts'
import { jcaSpec, smallProblem } from '../engine/small-problem.ts'
import { DenseGraph } from './dense-graph.ts'
import { plainTypescriptEngine } from './plain-typescript-engine.ts'

// What the benchmark compares with must compute the same thing, or the comparison says nothing.

const size = { users: 23, items: 17, density: 0.3, batchUsers: 9, batchItems: 10 }

it('the plain TypeScript engine trains and scores as the reference does', async () => {
  const { ratings, blocks, state } = smallProblem(jcaSpec, size)
  const reference = await referenceEngine.create(jcaSpec, ratings, state)
  const plain = await plainTypescriptEngine.create(jcaSpec, ratings, state)
  for (let step = 0; step < 10; step++) {
    const block = blocks[step % blocks.length]
    const expected = await reference.step(block)
    expect(Math.abs((await plain.step(block)) - expected)).toBeLessThan(1e-4 * expected)
  }
  const users = Uint32Array.of(0, 3, 22)
  const expected = await reference.scores(users)
  const scores = await plain.scores(users)
  scores.forEach((score, i) => {
    expect(Math.abs(score - expected[i])).toBeLessThan(1e-4)
  })
})

it("the dense graph has the reference's loss, its L2 term added, before and after its first update", async () => {
  const { ratings, blocks, state } = smallProblem(jcaSpec, size)
  const reference = await referenceEngine.create(jcaSpec, ratings, state)
  const { tf } = await openBackend('cpu')
  const dense = new DenseGraph(tf, jcaSpec, ratings, state)
  for (const block of blocks.slice(0, 2)) {
    const { weights } = await reference.state()
    const squares = parameterNames
      .filter((name) => name !== 'item.factor')
      .reduce((sum, name) => sum + weights[name].data.reduce((total, w) => total + w * w, 0), 0)
    const expected = (await reference.step(block)) + (jcaSpec.l2 / 2) * squares
    // tfjs's Adam has epsilon elsewhere, which shows in the second loss, a little.
    expect(Math.abs((await dense.step(block)) - expected)).toBeLessThan(1e-3 * expected)
  }
})
