import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../../capabilities.ts'
import type { Compute } from '../mock-tensor.ts'
import { type MockTensorflow, openMockTensorflow } from '../open-mock-tensorflow.ts'

type Tf = MockTensorflow['tf']

interface Case {
  name: string
  make: (tf: Tf) => Tensor | Tensor[]
  /** The operations in the order in which tfjs-node-gpu's kernels launch them. */
  ops: string[]
  /** Worked out by hand; nested, so that the shape is told as well. */
  values: unknown
}

export const matrix = (tf: Tf): Tensor2D => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
export const ints = (tf: Tf, values: number[]): Tensor1D => tf.tensor1d(values, 'int32')
export const pairs = (tf: Tf, values: number[][]): Tensor2D =>
  tf.tensor2d(values, [values.length, values[0].length], 'int32')

/**
 * Runs each case through tf's functions on the real kernels of tfjs-node-gpu: what they launch, what comes back, and
 * that no tensor stays. Every one of `operations` must be launched by a case.
 */
export function describeCases(facts: string, operations: Record<string, Compute>, cases: Case[]): void {
  describeWith('tfjs-node-gpu', `the mock of its native part: ${facts}`, () => {
    let mock: MockTensorflow
    beforeAll(async () => {
      mock = await openMockTensorflow()
    })

    it.each(cases)('$name', ({ make, ops, values }) => {
      const { tf, binding } = mock
      binding.launches = []
      const before = binding.getNumOfTensors()
      tf.tidy(() => {
        const made = make(tf)
        const read = Array.isArray(made) ? made.map((tensor) => tensor.arraySync()) : made.arraySync()
        expect(rounded(read)).toEqual(rounded(values))
      })
      expect(binding.launches.map(({ op }) => op)).toEqual(ops)
      expect(binding.getNumOfTensors()).toBe(before)
    })

    it('has a case for each operation', () => {
      const launched = new Set(cases.flatMap(({ ops }) => ops))
      expect(Object.keys(operations).filter((op) => !launched.has(op))).toEqual([])
    })
  })
}

/** To six decimals, and without the sign of zero. */
function rounded(value: unknown): unknown {
  return Array.isArray(value) ? value.map(rounded) : Math.round(Number(value) * 1e6) / 1e6 + 0
}
