import { type CsrMatrix, rowOf, transpose } from '../../../job/data/csr-matrix.ts'
import type { AlsOptions } from '../../../job/engine/linear/als-engine.ts'

export type PlainTable = number[][]

/** One sweep in float64, each row by its normal equations: the users, then the items. */
export function plainSweep(
  ratings: CsrMatrix,
  options: AlsOptions,
  items: PlainTable,
): { users: PlainTable; items: PlainTable } {
  const users = plainHalf(ratings, options, items)
  return { users, items: plainHalf(transpose(ratings), options, users) }
}

/** (a Y^T Y + (1 - a) H^T H + l2 I) x = H^T 1 for each row. */
function plainHalf(ratings: CsrMatrix, { factors, ...options }: AlsOptions, other: PlainTable): PlainTable {
  const a = options.unobserved
  const mean = ratings.columns.length / ratings.rowCount + a * other.length
  return Array.from({ length: ratings.rowCount }, (_, row) => {
    const own = rowOf(ratings, row)
    const system = Array.from({ length: factors }, () => new Array<number>(factors + 1).fill(0))
    const add = (y: number[], weight: number) => {
      for (let i = 0; i < factors; i++) for (let j = 0; j < factors; j++) system[i][j] += weight * y[i] * y[j]
    }
    for (const y of other) add(y, a)
    for (const index of own) add(other[index], 1 - a)
    const penalty = options.l2 * ((own.length + a * other.length) / mean) ** options.l2Exponent
    for (let i = 0; i < factors; i++) {
      system[i][i] += penalty
      for (const index of own) system[i][factors] += other[index][i]
    }
    return solved(system)
  })
}

/** Gauss-Jordan; positive definite, so without pivots. */
function solved(system: number[][]): number[] {
  const n = system.length
  for (let p = 0; p < n; p++) {
    for (let i = 0; i < n; i++) {
      if (i === p) continue
      const factor = system[i][p] / system[p][p]
      for (let j = p; j <= n; j++) system[i][j] -= factor * system[p][j]
    }
  }
  return system.map((row, i) => row[n] / row[i])
}

/** The loss without its penalties, cell by cell. */
export function plainLoss(
  ratings: CsrMatrix,
  unobserved: number,
  users: PlainTable,
  items: PlainTable,
): number {
  let loss = 0
  users.forEach((x, user) => {
    const own = new Set(rowOf(ratings, user))
    items.forEach((y, item) => {
      const score = x.reduce((sum, value, k) => sum + value * y[k], 0)
      loss += own.has(item) ? (1 - score) ** 2 : unobserved * score ** 2
    })
  })
  return loss
}
