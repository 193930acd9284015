import { expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { fullSweep } from '../../job/models/full-sweep.ts'
import { blockSamplerContract } from './block-sampler-contract.ts'

blockSamplerContract('full sweep', fullSweep)

it('the full sweep meets every cell of the matrix exactly once an epoch', () => {
  const ratings = csrFromPairs(new Uint32Array(), new Uint32Array(), 11, 7)
  const met = new Map<string, number>()
  for (const { users, items } of fullSweep(4, 3).blocks(ratings, 1, 1)) {
    for (const user of users) {
      for (const item of items) met.set(`${user},${item}`, (met.get(`${user},${item}`) ?? 0) + 1)
    }
  }
  expect(met.size).toBe(11 * 7)
  expect([...met.values()].every((times) => times === 1)).toBe(true)
})
