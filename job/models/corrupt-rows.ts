import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import type { Random } from '../data/random.ts'
import type { CorruptedInput } from '../engine/engine.ts'

/**
 * Some rows of R as a denoising autoencoder reads them: each cell is left out with probability `share`, and the others count
 * `1 / (1 - share)`, so that a row adds up to what it did, on average.
 *
 * @param rows  global indexes; row n of the answer is `rows[n]`
 * @param share in [0, 1)
 * @see Wu, DuBois, Zheng, Ester, WSDM 2016, section 3.1 ("mask-out noise")
 */
export function corruptRows(
  ratings: CsrMatrix,
  rows: Uint32Array,
  share: number,
  random: Random,
): CorruptedInput {
  let cells = 0
  for (const row of rows) cells += ratings.rowOffsets[row + 1] - ratings.rowOffsets[row]
  const rowOffsets = new Uint32Array(rows.length + 1)
  const columns = new Uint32Array(cells)
  let kept = 0
  for (let n = 0; n < rows.length; n++) {
    for (const column of rowOf(ratings, rows[n])) if (random.next() >= share) columns[kept++] = column
    rowOffsets[n + 1] = kept
  }
  return {
    kept: {
      rowCount: rows.length,
      columnCount: ratings.columnCount,
      rowOffsets,
      columns: columns.slice(0, kept),
    },
    scale: 1 / (1 - share),
  }
}
