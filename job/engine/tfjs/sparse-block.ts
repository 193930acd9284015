import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { NightjarError } from '../../errors.ts'
import type { Block } from '../engine.ts'

/**
 * Rows of a table to be added up: `out[segments[k]] += table[indices[k]]`, segments ascending. One number an entry,
 * int32, for that is what tfjs takes.
 */
export interface SegmentRows {
  indices: Int32Array
  segments: Int32Array
  /** Rows of the output. */
  count: number
}

/** A block as lists of indexes, ready for a device. */
export interface SparseBlock {
  /** Per user of the block what the user component encodes: all their items, or what corruption left of them. */
  ratings: SegmentRows
  /** What each of those counts. */
  ratingScale: number
  /** Per item of the block its users, all of them. */
  raters: SegmentRows
  /** The transposes of both: which hidden layers of the block pass gradients to an item's, a user's encoder row. */
  ratingsByItem: SegmentRows
  ratersByUser: SegmentRows
  /** The block's rows of a table of all items, of all users; and the way back. */
  takeItems: SegmentRows
  takeUsers: SegmentRows
  putItems: SegmentRows
  putUsers: SegmentRows
  /** Places of the pairs' cells in the block of `[users x items]`, flat. `[pairs]` */
  positives: Int32Array
  negatives: Int32Array
}

/** Cells of a block that an int32 can number. */
const cellsMax = 2 ** 31 - 1

export const smallerBlocks =
  'smaller blocks (--batch-users, --batch-items), or --engine wasm, which decodes the sampled cells alone'

/**
 * @param raters the transpose of `ratings`
 * @throws NightjarError ENGINE_MEMORY where the block has more cells than can be numbered
 */
export function sparseBlock(ratings: CsrMatrix, raters: CsrMatrix, block: Block): SparseBlock {
  const { users, items } = block
  if (users.length * items.length > cellsMax) {
    throw new NightjarError('ENGINE_MEMORY', {
      what: `a block of ${users.length} users x ${items.length} items has more than ${cellsMax} cells`,
      why: 'the tfjs engine decodes every cell of a block, and numbers them by int32',
      fix: smallerBlocks,
    })
  }
  const { kept, scale } = block.userInput ?? { kept: undefined, scale: 1 }
  const ratingRows =
    kept === undefined
      ? rowsOf(ratings, users)
      : rowsOf(
          kept,
          users.map((_, local) => local),
        )
  const raterRows = rowsOf(raters, items)
  return {
    ratings: ratingRows,
    ratingScale: scale,
    raters: raterRows,
    ratingsByItem: transposed(ratingRows, ratings.columnCount),
    ratersByUser: transposed(raterRows, ratings.rowCount),
    takeItems: take(items),
    takeUsers: take(users),
    putItems: transposed(take(items), ratings.columnCount),
    putUsers: transposed(take(users), ratings.rowCount),
    ...cellPlaces(block),
  }
}

/** The columns of some rows of a matrix. */
export function rowsOf(matrix: CsrMatrix, rows: Uint32Array): SegmentRows {
  const { rowOffsets, columns } = matrix
  let total = 0
  for (const row of rows) total += rowOffsets[row + 1] - rowOffsets[row]
  const indices = new Int32Array(total)
  const segments = new Int32Array(total)
  let filled = 0
  for (let local = 0; local < rows.length; local++) {
    const begin = rowOffsets[rows[local]]
    const end = rowOffsets[rows[local] + 1]
    indices.set(columns.subarray(begin, end), filled)
    segments.fill(local, filled, filled + end - begin)
    filled += end - begin
  }
  return { indices, segments, count: rows.length }
}

/** Some rows of a table, one by one. */
export function take(rows: Uint32Array): SegmentRows {
  return { indices: Int32Array.from(rows), segments: Int32Array.from(rows, (_, n) => n), count: rows.length }
}

/** Indices and segments in each other's place, by a counting sort. */
function transposed({ indices, segments }: SegmentRows, count: number): SegmentRows {
  const next = new Uint32Array(count + 1)
  for (const index of indices) next[index + 1]++
  for (let index = 0; index < count; index++) next[index + 1] += next[index]
  const out = { indices: new Int32Array(indices.length), segments: new Int32Array(indices.length), count }
  for (let k = 0; k < indices.length; k++) {
    const at = next[indices[k]]++
    out.indices[at] = segments[k]
    out.segments[at] = indices[k]
  }
  return out
}

function cellPlaces({ users, items, pairOffsets, cells }: Block) {
  const positives = new Int32Array(cells.length / 2)
  const negatives = new Int32Array(cells.length / 2)
  for (let user = 0; user < users.length; user++) {
    for (let pair = pairOffsets[user]; pair < pairOffsets[user + 1]; pair++) {
      positives[pair] = user * items.length + cells[2 * pair]
      negatives[pair] = user * items.length + cells[2 * pair + 1]
    }
  }
  return { positives, negatives }
}
