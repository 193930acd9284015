import type { TopK } from '../../../shared/top-k.ts'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import type { Ranker } from '../top-k.ts'
import { listsOf, maskedItems } from '../wasm/masked-items.ts'
import type { LinearCrew } from './crew.ts'

/** Rows that a thread takes at a time. */
const lot = 16

/** Scores of every item for some users, where they lie in a crew's memory. */
export interface PlacedScores {
  address: number
  /** From one row to the next. */
  rowBytes: number
  items: number
  /** From here on memory is free again when they are taken. */
  mark: number
}

/** The k best items of each of some users: their rows are not copied, and what is masked in them is overwritten. */
export function takeTopK(
  crew: LinearCrew,
  { address, rowBytes, items, mark }: PlacedScores,
  users: Uint32Array,
  k: number,
  masked: CsrMatrix | undefined,
): TopK[] {
  if (k < 1) throw new RangeError(`invalid k: ${k} (want at least 1)`)
  const { memory } = crew
  const count = users.length
  const mask = masked && maskedItems(users, masked)
  const [maskOffsets, maskItems] = mask ? [memory.place(mask.offsets), memory.place(mask.items)] : [0, 0]
  const [topItems, topScores] = [memory.allocate(4 * count * k), memory.allocate(4 * count * k)]
  const lengths = memory.allocate(4 * count)
  const words = [address, rowBytes, items, k, maskOffsets, maskItems, topItems, topScores, lengths]
  crew.run('topOfRows', count, lot, words)
  const found = [memory.u32(lengths, count), memory.u32(topItems, count * k)] as const
  const lists = listsOf(...found, memory.f32(topScores, count * k), k)
  memory.release(mark)
  return lists
}

/** A copy of the rows. `[users, items]` */
export function takeScores(
  { memory }: LinearCrew,
  { address, rowBytes, items, mark }: PlacedScores,
  users: Uint32Array,
): Float32Array {
  const copy = new Float32Array(users.length * items)
  for (let r = 0; r < users.length; r++) copy.set(memory.f32(address + r * rowBytes, items), r * items)
  memory.release(mark)
  return copy
}

/** An engine whose scores come to lie in its crew's memory. */
export abstract class CrewRanker implements Ranker {
  protected readonly crew: LinearCrew

  protected constructor(crew: LinearCrew) {
    this.crew = crew
  }

  protected abstract place(users: Uint32Array): PlacedScores

  /** Scores of every item for some users, `[users, items]`. */
  scores(users: Uint32Array): Float32Array {
    return takeScores(this.crew, this.place(users), users)
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    return takeTopK(this.crew, this.place(users), users, k, masked)
  }

  close(): void {
    this.crew.dismiss()
  }
}
