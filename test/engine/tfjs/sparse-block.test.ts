import { expect, it } from 'vitest'
import { transpose } from '../../../job/data/csr-matrix.ts'
import { sparseBlock } from '../../../job/engine/tfjs/sparse-block.ts'
import { jcaSpec, smallProblem } from '../small-problem.ts'

it('a block with more cells than an int32 can number is refused, and says which flags to change', () => {
  const { ratings } = smallProblem(jcaSpec, { users: 3, items: 3, density: 1, batchUsers: 3, batchItems: 3 })
  const block = {
    users: new Uint32Array(50_000),
    items: new Uint32Array(50_000),
    pairOffsets: new Uint32Array(50_001),
    cells: new Uint32Array(),
  }
  expect(() => sparseBlock(ratings, transpose(ratings), block)).toThrowError(
    expect.objectContaining({ code: 'ENGINE_MEMORY', fix: expect.stringContaining('--batch-users') }),
  )
})
