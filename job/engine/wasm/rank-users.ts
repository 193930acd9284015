import type { TopK } from '../../../shared/top-k.ts'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { Crew } from './crew.ts'
import type { EngineMemory } from './engine-memory.ts'
import { lots } from './lots.ts'
import { listsOf, maskedItems } from './masked-items.ts'

/**
 * Lays out users to be scored in free memory and computes their hidden layers. Returns the bytes from one user's scores
 * to the next's: whole vectors.
 */
export function layOutUsers(memory: EngineMemory, crew: Crew, users: Uint32Array, spec: ModelSpec): number {
  const rowBytes = Math.ceil(memory.word('items') / 4) * 16
  memory.setWord('scoreRowBytes', rowBytes)
  memory.setWord('blockUsers', memory.place(users))
  memory.setWord('blockUserCount', users.length)
  if (spec.userComponent) {
    memory.room('hiddenUsers', users.length * memory.word('stride'))
    crew.run('encode', users.length, lots.encode)
  }
  return rowBytes
}

/** The k best items of each of the users that were laid out. */
export function rankLaidOut(
  memory: EngineMemory,
  crew: Crew,
  users: Uint32Array,
  k: number,
  masked: CsrMatrix | undefined,
  rowBytes: number,
): TopK[] {
  if (k < 1) throw new RangeError(`invalid k: ${k} (want at least 1)`)
  const count = users.length
  const scratchBytes = lots.rank * rowBytes
  memory.setWord('topCount', k)
  for (const slot of ['topItems', 'topScores'] as const) memory.room(slot, 4 * count * k)
  memory.room('topLengths', 4 * count)
  placeMask(memory, users, masked)
  memory.setWord('scoreScratchBytes', scratchBytes)
  memory.room('scoreScratch', crew.threads * scratchBytes)
  crew.run('rank', count, lots.rank)
  return listsOf(
    memory.u32(memory.word('topLengths'), count),
    memory.u32(memory.word('topItems'), count * k),
    memory.f32(memory.word('topScores'), count * k),
    k,
  )
}

/** The items that each of some users may not be given. */
function placeMask(memory: EngineMemory, users: Uint32Array, masked: CsrMatrix | undefined): void {
  if (masked === undefined) {
    memory.setWord('maskOffsets', 0)
    return
  }
  const { offsets, items } = maskedItems(users, masked)
  memory.setWord('maskOffsets', memory.place(offsets))
  memory.setWord('maskItems', memory.place(items))
}
