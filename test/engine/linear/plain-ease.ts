import { type CsrMatrix, rowOf } from '../../../job/data/csr-matrix.ts'
import type { EaseOptions } from '../../../job/engine/linear/ease-engine.ts'

/** Float64, plain loops: P = (G + p / (1 - p) diag G + l2 I)^-1 by Gauss-Jordan without pivots, `[items][items]`. */
export function plainInverse(ratings: CsrMatrix, { l2, dropout, rowExponent }: EaseOptions): Float64Array[] {
  const n = ratings.columnCount
  const raw = Array.from(
    { length: ratings.rowCount },
    (_, user) => Math.max(1, rowOf(ratings, user).length) ** (-2 * rowExponent),
  )
  const mean =
    raw.reduce((sum, weight, user) => sum + weight * rowOf(ratings, user).length, 0) / ratings.columns.length
  const matrix = Array.from({ length: n }, (_, i) => new Float64Array(2 * n).fill(1, n + i, n + i + 1))
  for (let user = 0; user < ratings.rowCount; user++) {
    for (const i of rowOf(ratings, user))
      for (const j of rowOf(ratings, user)) matrix[i][j] += raw[user] / mean
  }
  for (let i = 0; i < n; i++) matrix[i][i] += (matrix[i][i] * dropout) / (1 - dropout) + l2
  for (let p = 0; p < n; p++) {
    const pivot = matrix[p][p]
    for (let j = 0; j < 2 * n; j++) matrix[p][j] /= pivot
    for (let i = 0; i < n; i++) {
      const factor = matrix[i][p]
      if (i !== p) for (let j = 0; j < 2 * n; j++) matrix[i][j] -= factor * matrix[p][j]
    }
  }
  return matrix.map((row) => row.slice(n))
}

/** The equation, cell by cell: x_u B with B = I - P diag(1 / diag P), over the items' counts to a power, `[users][items]`. */
export function plainEaseScores(
  ratings: CsrMatrix,
  inverse: Float64Array[],
  { itemExponent }: EaseOptions,
): number[][] {
  const n = ratings.columnCount
  const counts = new Float64Array(n)
  for (const item of ratings.columns) counts[item]++
  return Array.from({ length: ratings.rowCount }, (_, user) =>
    Array.from({ length: n }, (_, j) => {
      let score = 0
      for (const i of rowOf(ratings, user)) if (i !== j) score -= inverse[i][j] / inverse[j][j]
      return score / Math.max(1, counts[j]) ** itemExponent
    }),
  )
}
