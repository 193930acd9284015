import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import type { BlockSampler } from '../../job/models/block-sampler.ts'

/** What every BlockSampler must do. `open` makes one for blocks of at most `users` x `items`. */
export function blockSamplerContract(
  name: string,
  open: (users: number, items: number) => BlockSampler,
): void {
  const empty = new Uint32Array()
  const ratings = csrFromPairs(empty, empty, 23, 17)
  const blocksOf = (sampler: BlockSampler, seed: number, epoch: number) => [
    ...sampler.blocks(ratings, seed, epoch),
  ]

  describe(`block sampler contract: ${name}`, () => {
    it('yields as many blocks as it says, none empty, none larger than asked for', () => {
      for (const [users, items] of [
        [5, 4],
        [23, 17],
        [100, 100],
        [1, 1],
      ]) {
        const sampler = open(users, items)
        const blocks = blocksOf(sampler, 1, 1)
        expect(blocks).toHaveLength(sampler.blockCount(ratings))
        for (const block of blocks) {
          expect(block.users.length).toBeGreaterThan(0)
          expect(block.users.length).toBeLessThanOrEqual(users)
          expect(block.items.length).toBeGreaterThan(0)
          expect(block.items.length).toBeLessThanOrEqual(items)
        }
      }
    })

    it('names each user and item of a block once, and none that does not exist', () => {
      for (const { users, items } of blocksOf(open(6, 5), 1, 1)) {
        expect(new Set(users).size).toBe(users.length)
        expect(new Set(items).size).toBe(items.length)
        expect(Math.max(...users)).toBeLessThan(23)
        expect(Math.max(...items)).toBeLessThan(17)
      }
    })

    it('gives the same blocks for the same seed and epoch, others for another', () => {
      const sampler = open(6, 5)
      expect(blocksOf(sampler, 1, 1)).toEqual(blocksOf(sampler, 1, 1))
      expect(blocksOf(sampler, 1, 2)).not.toEqual(blocksOf(sampler, 1, 1))
      expect(blocksOf(sampler, 2, 1)).not.toEqual(blocksOf(sampler, 1, 1))
    })
  })
}
