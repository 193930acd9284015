import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { type JcaOptions, jcaKind } from '../../job/models/jca.ts'
import { modelKindContract } from './model-kind-contract.ts'

const small: Partial<JcaOptions> = {
  hidden: 24,
  l2: 0.0005,
  learningRate: 0.005,
  batchUsers: 100,
  batchItems: 80,
}
const refused = [
  { hidden: 0 },
  { hidden: 4097 },
  { l2: -1 },
  { learningRate: 0 },
  { margin: 0 },
  { batchItems: 1.5 },
  { loss: 'softmax' },
  { factors: 3 },
]

const variants: Record<string, Partial<JcaOptions>> = {
  jca: {},
  'jca-mse': { loss: 'mse' },
  'jca-bpr': { loss: 'bpr' },
  'jca-nf': { itemFactor: false },
}
for (const [name, variant] of Object.entries(variants)) {
  modelKindContract(
    { ...jcaKind, name },
    { options: { ...small, ...variant }, epochs: 60, random: true, refused, shopFloor: 0.2 },
  )
}

describe('what JCA leaves to the data', () => {
  it('is an l2 in proportion to the pairs of a mean block', () => {
    const ratings = csrFromPairs(Uint32Array.of(0, 0, 1, 2), Uint32Array.of(0, 1, 1, 3), 3, 4)
    const l2Of = (options: Partial<JcaOptions>) =>
      jcaKind.settle?.({ ...jcaKind.defaults, ...options }, ratings).l2
    expect(l2Of({})).toBeCloseTo(4 * 3e-7, 12)
    // Two blocks of users by two of items.
    expect(l2Of({ batchUsers: 2, batchItems: 2 })).toBeCloseTo(3e-7, 12)
    expect(l2Of({ l2: 0.25 })).toBe(0.25)
  })
})
