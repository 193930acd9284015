import { expect, it } from 'vitest'
import { tfjsEngine } from '../../../job/engine/tfjs/tfjs-engine.ts'
import { describeWith } from '../../capabilities.ts'
import { jcaSpec, smallProblem } from '../small-problem.ts'
import { openMockTensorflow } from './open-mock-tensorflow.ts'
import { tfjsContract } from './tfjs-contract.ts'

// The real JavaScript of tfjs-node-gpu over a mock of its native part, which checks every launch against TensorFlow
// 2.9's definitions and computes it in plain loops. It proves what would be launched, and that those operations add up
// to JCA's step. It says nothing of TensorFlow's own kernels, CUDA or cuDNN.
async function openMocked() {
  const { tf } = await openMockTensorflow()
  return { name: 'tensorflow', tf, device: 'mock', gpu: false } as const
}

describeWith('tfjs-node-gpu', 'tfjs-node-gpu over a mock of its native part', () => {
  tfjsContract('tensorflow', { tolerance: 1e-4, bitwise: true }, openMocked)

  it('one step launches these operations and no others, and reads nothing back but the loss', async () => {
    const opened = await openMocked()
    const { binding } = await openMockTensorflow()
    const { ratings, blocks, state } = smallProblem(jcaSpec, {
      users: 12,
      items: 10,
      density: 0.4,
      batchUsers: 6,
      batchItems: 5,
    })
    const model = await tfjsEngine(opened).create(jcaSpec, ratings, state)
    await model.step(blocks[0])
    binding.launches = []
    await model.step(blocks[1])
    const counts: Record<string, number> = {}
    for (const { op } of binding.launches) counts[op] = (counts[op] ?? 0) + 1
    expect(counts).toMatchInlineSnapshot(`
      {
        "Add": 41,
        "BatchMatMulV2": 6,
        "Cast": 1,
        "ConcatV2": 1,
        "ExpandDims": 2,
        "GatherNd": 5,
        "Greater": 1,
        "Mul": 66,
        "Neg": 1,
        "RealDiv": 9,
        "Relu": 1,
        "Reshape": 2,
        "ScatterNd": 4,
        "Sigmoid": 4,
        "SparseSegmentSumWithNumSegments": 8,
        "Sqrt": 9,
        "Square": 9,
        "Sub": 14,
        "Sum": 6,
      }
    `)
    model.close()
  })
})
