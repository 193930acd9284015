import { Random } from '../data/random.ts'
import type { BlockIndexes, BlockSampler } from './block-sampler.ts'

/**
 * The paper's sampler: users and items in a random order, cut into groups, and every group of users met by
 * every group of items (section 4.3). The last groups may be smaller and are trained like any other.
 */
export function fullSweep(batchUsers: number, batchItems: number): BlockSampler {
  return {
    name: 'full-sweep',
    *blocks(ratings, seed, epoch): Iterable<BlockIndexes> {
      const random = new Random(seed, epoch)
      const userGroups = groups(ratings.rowCount, batchUsers, random)
      const itemGroups = groups(ratings.columnCount, batchItems, random)
      for (const users of userGroups) for (const items of itemGroups) yield { users, items }
    },
    blockCount: (ratings) =>
      Math.ceil(ratings.rowCount / batchUsers) * Math.ceil(ratings.columnCount / batchItems),
  }
}

function groups(count: number, size: number, random: Random): Uint32Array[] {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  random.shuffle(order)
  return Array.from({ length: Math.ceil(count / size) }, (_, g) => order.slice(g * size, (g + 1) * size))
}
