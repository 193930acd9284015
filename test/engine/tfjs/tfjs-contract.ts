import { describe, expect, it } from 'vitest'
import { type BackendName, type OpenBackend, openBackend } from '../../../job/engine/tfjs/open-backend.ts'
import { tfjsEngine } from '../../../job/engine/tfjs/tfjs-engine.ts'
import { type EngineUnderTest, engineContract } from '../engine-contract.ts'
import { jcaSpec, smallProblem } from '../small-problem.ts'

/** The engine contract on a backend of tfjs, and that the step leaves no tensor behind. */
export function tfjsContract(
  name: BackendName,
  limits: Omit<EngineUnderTest, 'engine'>,
  open: () => Promise<OpenBackend> = () => openBackend(name),
): void {
  engineContract(`tfjs on ${name}, to ${limits.tolerance}`, async () => ({
    engine: tfjsEngine(await open()),
    ...limits,
  }))

  describe(`tfjs on ${name}`, () => {
    it('holds as many tensors after ten steps and a ranking as after the first, and none after close', async () => {
      const opened = await open()
      const { tf } = opened
      const { ratings, blocks, state } = smallProblem(jcaSpec, {
        users: 12,
        items: 10,
        density: 0.4,
        batchUsers: 6,
        batchItems: 10,
      })
      const before = tf.memory().numTensors
      const model = await tfjsEngine(opened).create(jcaSpec, ratings, state)
      const users = Uint32Array.of(0, 3)
      await model.step(blocks[0])
      await model.topK(users, 3, ratings)
      const held = tf.memory()
      for (let step = 0; step < 10; step++) await model.step(blocks[step % blocks.length])
      await model.topK(users, 3, ratings)
      expect(tf.memory().numTensors).toBe(held.numTensors)
      expect(tf.memory().numBytes).toBe(held.numBytes)
      model.close()
      expect(tf.memory().numTensors).toBe(before)
    })
  })
}
