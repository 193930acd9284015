import type { CsrMatrix } from '../../data/csr-matrix.ts'
import type { WeightReader } from '../engine.ts'
import type { Crew } from './crew.ts'
import type { EngineMemory } from './engine-memory.ts'
import { lots } from './lots.ts'
import { placeRows } from './place-rows.ts'

/** Bytes of the encoder that are in memory at a time. */
const blockBytes = 16 << 20

/**
 * Hidden layers of all items into `hiddenItems`, the item component's encoder passing through memory in blocks of users.
 *
 * The kernel adds rows two by two, so a sum that goes on in the next block must go on behind an even number of rows: where
 * a block ends within a pair, its first row waits for the next block. That makes the bits those of one gather.
 */
export async function encodeItemsInBlocks(
  memory: EngineMemory,
  crew: Crew,
  raters: CsrMatrix,
  weights: WeightReader,
  hidden: number,
  blockUsers = Math.max(1, Math.floor(blockBytes / (4 * hidden))),
): Promise<void> {
  const items = raters.rowCount
  const users = raters.columnCount
  const stride = memory.word('stride')
  const width = stride / 4
  memory.f32(memory.room('sumItems', items * stride), items * width).fill(0)
  // A row that waits for each item, then the block's.
  const table = memory.room('itemEncoder', (items + Math.min(blockUsers, users)) * stride)
  const start = memory.mark
  const next = raters.rowOffsets.slice(0, items)
  const waits = new Uint8Array(items)
  for (let first = 0; first < users; first += blockUsers) {
    const count = Math.min(blockUsers, users - first)
    placeRows(
      memory,
      table + items * stride,
      await weights.read('item.encoder', { first, count }),
      hidden,
      width,
    )
    const step = nextRows(raters, next, waits, first, first + count)
    memory.release(start)
    memory.setWord('raterOffsets', memory.place(step.offsets))
    memory.setWord('raterUsers', memory.place(step.rows))
    crew.run('gather', items, lots.gather)
    const rows = memory.f32(table, (items + count) * width)
    for (const [item, row] of step.waiting) rows.copyWithin(item * width, row * width, (row + 1) * width)
  }
  crew.run('squash', items, lots.squash)
}

/** What each item takes from a block: rows of the table, an even number of them unless they are its last. */
function nextRows(raters: CsrMatrix, next: Uint32Array, waits: Uint8Array, first: number, end: number) {
  const { rowCount: items, rowOffsets, columns } = raters
  const from = next.slice()
  for (let item = 0; item < items; item++) {
    let to = from[item]
    while (to < rowOffsets[item + 1] && columns[to] < end) to++
    next[item] = to
  }
  const offsets = new Uint32Array(items + 1)
  // Room for every rater of the block and every row that waits.
  const rows = new Uint32Array(next.reduce((sum, to, item) => sum + to - from[item], items))
  let count = 0
  const waiting: [item: number, row: number][] = []
  for (let item = 0; item < items; item++) {
    const to = next[item]
    if (to > from[item]) {
      const isOdd = (waits[item] + to - from[item]) % 2 === 1
      const keepsOne = isOdd && to < rowOffsets[item + 1]
      if (waits[item] === 1) rows[count++] = item
      const takenTo = keepsOne ? to - 1 : to
      for (let p = from[item]; p < takenTo; p++) rows[count++] = items + columns[p] - first
      if (keepsOne) waiting.push([item, items + columns[takenTo] - first])
      waits[item] = keepsOne ? 1 : 0
    }
    offsets[item + 1] = count
  }
  return { offsets, rows: rows.subarray(0, count), waiting }
}
