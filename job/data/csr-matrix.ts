/**
 * A binary sparse matrix by rows: row r's columns are `columns[rowOffsets[r] .. rowOffsets[r + 1]]`, ascending
 * and unique. R, the rating matrix, is one with users as rows; its transpose has items as rows.
 */
export interface CsrMatrix {
  rowCount: number
  columnCount: number
  /** `[rowCount + 1]` */
  rowOffsets: Uint32Array
  /** `[nonzeros]` */
  columns: Uint32Array
}

/**
 * Builds a CSR matrix from pairs in any order; repeated pairs are folded into one.
 *
 * Two counting sorts: O(pairs + rows + columns), no comparisons.
 */
export function csrFromPairs(
  rows: Uint32Array,
  columns: Uint32Array,
  rowCount: number,
  columnCount: number,
): CsrMatrix {
  const byRow = new Uint32Array(rowCount + 1)
  for (let i = 0; i < rows.length; i++) byRow[rows[i] + 1]++
  const sorted = scatterByRow(transposeUnfolded(rows, columns, columnCount), byRow, rowCount)
  return foldRepeats(sorted, rowCount, columnCount)
}

/** The transpose: columns become rows. Ascending order comes by itself, for rows are visited in order. */
export function transpose(matrix: CsrMatrix): CsrMatrix {
  const { rowCount, columnCount, rowOffsets, columns } = matrix
  const offsets = new Uint32Array(columnCount + 1)
  for (let i = 0; i < columns.length; i++) offsets[columns[i] + 1]++
  for (let c = 0; c < columnCount; c++) offsets[c + 1] += offsets[c]
  const next = offsets.slice(0, columnCount)
  const rows = new Uint32Array(columns.length)
  for (let r = 0; r < rowCount; r++) {
    for (let i = rowOffsets[r]; i < rowOffsets[r + 1]; i++) rows[next[columns[i]]++] = r
  }
  return { rowCount: columnCount, columnCount: rowCount, rowOffsets: offsets, columns: rows }
}

/** Row r's columns, as a view. */
export function rowOf(matrix: CsrMatrix, row: number): Uint32Array {
  return matrix.columns.subarray(matrix.rowOffsets[row], matrix.rowOffsets[row + 1])
}

/** Rows `first` up to `end` as a matrix of their own. */
export function rowRange(matrix: CsrMatrix, first: number, end: number): CsrMatrix {
  const begin = matrix.rowOffsets[first]
  return {
    rowCount: end - first,
    columnCount: matrix.columnCount,
    rowOffsets: matrix.rowOffsets.slice(first, end + 1).map((offset) => offset - begin),
    columns: matrix.columns.slice(begin, matrix.rowOffsets[end]),
  }
}

/** The other way round: `matrix` as the rows from `first` on of one with `rowCount` rows, the rest of them empty. */
export function atRows(matrix: CsrMatrix, first: number, rowCount: number): CsrMatrix {
  const rowOffsets = new Uint32Array(rowCount + 1)
  rowOffsets.set(matrix.rowOffsets, first)
  rowOffsets.fill(matrix.columns.length, first + matrix.rowCount)
  return { ...matrix, rowCount, rowOffsets }
}

/** The rows of `matrix` without the pairs of `taken`. Both have equal shape. */
export function without(matrix: CsrMatrix, taken: CsrMatrix): CsrMatrix {
  return mergeRows(matrix, taken, (inMatrix, inTaken) => inMatrix && !inTaken)
}

/** The pairs of either matrix. Both have equal shape. */
export function union(a: CsrMatrix, b: CsrMatrix): CsrMatrix {
  return mergeRows(a, b, () => true)
}

/** The pairs of both matrices. Both have equal shape. */
export function intersection(a: CsrMatrix, b: CsrMatrix): CsrMatrix {
  return mergeRows(a, b, (inA, inB) => inA && inB)
}

/** Pairs ordered by column, as the first of the two counting sorts. */
function transposeUnfolded(rows: Uint32Array, columns: Uint32Array, columnCount: number) {
  const next = new Uint32Array(columnCount + 1)
  for (let i = 0; i < columns.length; i++) next[columns[i] + 1]++
  for (let c = 0; c < columnCount; c++) next[c + 1] += next[c]
  const sortedRows = new Uint32Array(rows.length)
  const sortedColumns = new Uint32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const at = next[columns[i]]++
    sortedRows[at] = rows[i]
    sortedColumns[at] = columns[i]
  }
  return { rows: sortedRows, columns: sortedColumns }
}

/** The second counting sort: stable, so that columns stay ascending within a row. */
function scatterByRow(
  pairs: { rows: Uint32Array; columns: Uint32Array },
  byRow: Uint32Array,
  rowCount: number,
) {
  for (let r = 0; r < rowCount; r++) byRow[r + 1] += byRow[r]
  const next = byRow.slice(0, rowCount)
  const columns = new Uint32Array(pairs.columns.length)
  for (let i = 0; i < columns.length; i++) columns[next[pairs.rows[i]]++] = pairs.columns[i]
  return { rowOffsets: byRow, columns }
}

function foldRepeats(
  sorted: { rowOffsets: Uint32Array; columns: Uint32Array },
  rowCount: number,
  columnCount: number,
): CsrMatrix {
  const rowOffsets = new Uint32Array(rowCount + 1)
  let kept = 0
  for (let r = 0; r < rowCount; r++) {
    for (let i = sorted.rowOffsets[r]; i < sorted.rowOffsets[r + 1]; i++) {
      if (kept > rowOffsets[r] && sorted.columns[kept - 1] === sorted.columns[i]) continue
      sorted.columns[kept++] = sorted.columns[i]
    }
    rowOffsets[r + 1] = kept
  }
  return { rowCount, columnCount, rowOffsets, columns: sorted.columns.slice(0, kept) }
}

/** Walks two ascending rows side by side and keeps the columns that `keep` says yes to. */
function mergeRows(a: CsrMatrix, b: CsrMatrix, keep: (inA: boolean, inB: boolean) => boolean): CsrMatrix {
  const rowOffsets = new Uint32Array(a.rowCount + 1)
  const columns = new Uint32Array(a.columns.length + b.columns.length)
  let kept = 0
  for (let r = 0; r < a.rowCount; r++) {
    let i = a.rowOffsets[r]
    let j = b.rowOffsets[r]
    const endA = a.rowOffsets[r + 1]
    const endB = b.rowOffsets[r + 1]
    while (i < endA || j < endB) {
      const inA = i < endA && (j >= endB || a.columns[i] <= b.columns[j])
      const inB = j < endB && (i >= endA || b.columns[j] <= a.columns[i])
      const column = inA ? a.columns[i] : b.columns[j]
      if (keep(inA, inB)) columns[kept++] = column
      if (inA) i++
      if (inB) j++
    }
    rowOffsets[r + 1] = kept
  }
  return { rowCount: a.rowCount, columnCount: a.columnCount, rowOffsets, columns: columns.slice(0, kept) }
}
