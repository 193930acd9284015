import { type CsrMatrix, csrFromPairs } from './csr-matrix.ts'
import type { Dataset, DatasetExtent } from './dataset.ts'

/** R, `[users, items]`, from a dataset's shards: every interaction is a one, repeats are folded. */
export async function readRatings(
  dataset: Dataset,
  extent: DatasetExtent = dataset.extent,
): Promise<CsrMatrix> {
  const rows = dataset.manifest.parts.slice(0, extent.parts).reduce((sum, part) => sum + part.rows, 0)
  const users = new Uint32Array(rows)
  const items = new Uint32Array(rows)
  let filled = 0
  for await (const part of dataset.interactions(extent)) {
    users.set(part.users, filled)
    items.set(part.items, filled)
    filled += part.users.length
  }
  return csrFromPairs(users, items, extent.users, extent.items)
}
