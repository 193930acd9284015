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
 * Two counting sorts, by column and then by row: O(pairs + rows + columns), no comparisons. Beside the pairs it takes
 * eight bytes a pair.
 */
export function csrFromPairs(
  rows: Uint32Array,
  columns: Uint32Array,
  rowCount: number,
  columnCount: number,
): CsrMatrix {
  const rowOffsets = new Uint32Array(columnCount + 1)
  for (let i = 0; i < columns.length; i++) rowOffsets[columns[i] + 1]++
  for (let c = 0; c < columnCount; c++) rowOffsets[c + 1] += rowOffsets[c]
  const next = rowOffsets.slice(0, columnCount)
  const byColumn = new Uint32Array(rows.length)
  for (let i = 0; i < rows.length; i++) byColumn[next[columns[i]]++] = rows[i]
  return foldRepeats(
    transpose({ rowCount: columnCount, columnCount: rowCount, rowOffsets, columns: byColumn }),
  )
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

/** Repeats stand side by side. Works in place. */
function foldRepeats({ rowCount, columnCount, rowOffsets, columns }: CsrMatrix): CsrMatrix {
  const offsets = new Uint32Array(rowCount + 1)
  let kept = 0
  for (let r = 0; r < rowCount; r++) {
    for (let i = rowOffsets[r]; i < rowOffsets[r + 1]; i++) {
      if (kept > offsets[r] && columns[kept - 1] === columns[i]) continue
      columns[kept++] = columns[i]
    }
    offsets[r + 1] = kept
  }
  const isWhole = kept === columns.length
  return { rowCount, columnCount, rowOffsets: offsets, columns: isWhole ? columns : columns.slice(0, kept) }
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
