import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import { PairSampler } from '../../job/models/pair-sampler.ts'

const shape = { users: 8, items: 10 }
const pairs = fc.array(fc.tuple(fc.nat(shape.users - 1), fc.nat(shape.items - 1)), { maxLength: 70 })
const some = (count: number) => fc.uniqueArray(fc.nat(count - 1), { minLength: 1 })

describe('PairSampler', () => {
  it('pairs every observed cell of the block with an unobserved one of the same user in the block', () => {
    fc.assert(
      fc.property(pairs, some(shape.users), some(shape.items), fc.nat(), (list, userList, itemList, seed) => {
        const ratings = csrFromPairs(
          Uint32Array.from(list, ([user]) => user),
          Uint32Array.from(list, ([, item]) => item),
          shape.users,
          shape.items,
        )
        const users = Uint32Array.from(userList)
        const items = Uint32Array.from(itemList)
        const block = new PairSampler(ratings).sample({ users, items }, new Random(seed))
        users.forEach((user, u) => {
          const observed = new Set(rowOf(ratings, user))
          const own = block.cells.subarray(2 * block.pairOffsets[u], 2 * block.pairOffsets[u + 1])
          const positives = [...own].filter((_, i) => i % 2 === 0).map((local) => items[local])
          const negatives = [...own].filter((_, i) => i % 2 === 1).map((local) => items[local])
          const inBlock = itemList.filter((item) => observed.has(item)).sort()
          // Who has every item of the block has nothing to be compared with.
          expect(positives.sort()).toEqual(inBlock.length === items.length ? [] : inBlock)
          expect(negatives.every((item) => !observed.has(item))).toBe(true)
        })
        expect(block.cells.length).toBe(2 * block.pairOffsets[users.length])
      }),
      { numRuns: 300 },
    )
  })

  it('draws every unobserved item equally often, for users with few ratings and with many', () => {
    for (const observed of [2, 8]) {
      const users = new Uint32Array(observed)
      const items = Uint32Array.from({ length: observed }, (_, item) => item)
      const ratings = csrFromPairs(users, items, 1, shape.items)
      const sampler = new PairSampler(ratings)
      const random = new Random(9)
      const counts = new Array(shape.items).fill(0)
      const block = { users: Uint32Array.of(0), items: Uint32Array.from({ length: 10 }, (_, i) => i) }
      const rounds = 20_000
      for (let i = 0; i < rounds; i++) {
        const { cells } = sampler.sample(block, random)
        for (let c = 1; c < cells.length; c += 2) counts[cells[c]]++
      }
      const expected = (rounds * observed) / (shape.items - observed)
      for (let item = observed; item < shape.items; item++) {
        expect(Math.abs(counts[item] / expected - 1)).toBeLessThan(0.05)
      }
    }
  })
})
