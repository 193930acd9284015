import { type CsrMatrix, rowOf } from '../../data/csr-matrix.ts'
import type { EngineMemory } from '../wasm/engine-memory.ts'

/** Rows of `ratings` in the engine's memory, one behind the other; items that `keeps` says no to are left out. */
export function placeHistories(
  memory: EngineMemory,
  ratings: CsrMatrix,
  users: Uint32Array,
  keeps: () => boolean = () => true,
): { offsets: number; items: number } {
  const offsets = new Uint32Array(users.length + 1)
  const items: number[] = []
  users.forEach((user, row) => {
    for (const item of rowOf(ratings, user)) if (keeps()) items.push(item)
    offsets[row + 1] = items.length
  })
  return { offsets: memory.place(offsets), items: memory.place(Uint32Array.from(items)) }
}

/**
 * What each user's sum of encoder rows is multiplied by: 1 / sqrt(n), and more where only a share of the items is kept.
 *
 * @returns the address of `[users]` float32
 */
export function placeScales(memory: EngineMemory, ratings: CsrMatrix, users: Uint32Array, kept = 1): number {
  const address = memory.allocate(4 * users.length)
  const scales = Array.from(users, (user) => 1 / kept / Math.sqrt(Math.max(1, rowOf(ratings, user).length)))
  memory.f32(address, users.length).set(scales)
  return address
}
