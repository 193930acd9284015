import type { CsrMatrix } from '../data/csr-matrix.ts'

/** The users and items of one mini-batch, as global indexes. */
export interface BlockIndexes {
  users: Uint32Array
  items: Uint32Array
}

/**
 * Cuts the rating matrix into mini-batches. What is a pass over the data is the sampler's matter: the full
 * sweep meets every cell once.
 */
export interface BlockSampler {
  readonly name: string
  /** The blocks of an epoch, the same for the same seed and epoch. */
  blocks(ratings: CsrMatrix, seed: number, epoch: number): Iterable<BlockIndexes>
  /** How many blocks an epoch has. */
  blockCount(ratings: CsrMatrix): number
}
