import { type CsrMatrix, csrFromPairs } from './csr-matrix.ts'
import type { Dataset, DatasetExtent } from './dataset.ts'
import { allRows, counts, type RowRules } from './row-rules.ts'

/** R, `[users, items]`, from a dataset's shards: every interaction that counts is a one, repeats are folded. */
export async function readRatings(
  dataset: Dataset,
  extent: DatasetExtent = dataset.extent,
  rules: RowRules = allRows,
): Promise<CsrMatrix> {
  const rows = dataset.manifest.parts.slice(0, extent.parts).reduce((sum, part) => sum + part.rows, 0)
  const users = new Uint32Array(rows)
  const items = new Uint32Array(rows)
  let filled = 0
  for await (const part of dataset.interactions(extent)) {
    for (let i = 0; i < part.users.length; i++) {
      if (!counts(rules, part, i)) continue
      users[filled] = part.users[i]
      items[filled] = part.items[i]
      filled++
    }
  }
  return csrFromPairs(users.subarray(0, filled), items.subarray(0, filled), extent.users, extent.items)
}
