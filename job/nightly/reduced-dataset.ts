import { makeData, makeVector, Table, TimestampMillisecond } from 'apache-arrow'
import { writeArrowFile } from '../data/arrow-file.ts'
import { type CsrMatrix, rowOf } from '../data/csr-matrix.ts'
import { type Dataset, datasetManifestPath, type InteractionRows, openDataset } from '../data/dataset.ts'
import { datasetDigest } from '../data/dataset-manifest.ts'
import { writeForgotten } from '../data/forgotten.ts'
import { writeJsonFile } from '../data/json-file.ts'
import type { Store } from '../store/store.ts'

/**
 * Writes a dataset again without some of its pairs: what two configurations are both trained on when they are compared on
 * those pairs. Ids and indexes stay.
 *
 * @param leftOut `[users, items]` of the dataset
 */
export async function writeReducedDataset(
  dataset: Dataset,
  leftOut: CsrMatrix,
  store: Store,
): Promise<Dataset> {
  const { manifest } = dataset
  const copy = async <File extends { path: string }>(file: File): Promise<File> => {
    await store.put(file.path, await dataset.store.read(file.path))
    return file
  }
  const parts: typeof manifest.parts = []
  for await (const rows of dataset.interactions()) {
    const part = manifest.parts[parts.length] as (typeof parts)[number]
    const kept = keptRows(rows, leftOut)
    parts.push({ ...part, ...(await writeArrowFile(store, part.path, tableOf(rows, kept))) })
  }
  const interactions = parts.reduce((sum, part) => sum + part.rows, 0)
  await writeForgotten(store, dataset.forgotten)
  await writeJsonFile(store, datasetManifestPath, {
    ...manifest,
    digest: datasetDigest(manifest.counts, parts),
    counts: { ...manifest.counts, interactions },
    users: await copy(manifest.users),
    items: await copy(manifest.items),
    parts,
  })
  return openDataset(store)
}

function keptRows({ users, items }: InteractionRows, leftOut: CsrMatrix): Uint32Array {
  const kept: number[] = []
  for (let row = 0; row < users.length; row++) {
    if (!rowOf(leftOut, users[row]).includes(items[row])) kept.push(row)
  }
  return Uint32Array.from(kept)
}

function tableOf({ users, items, weights, times }: InteractionRows, kept: Uint32Array): Table {
  const keptTimes = times && BigInt64Array.from(kept, (row) => times[row])
  return new Table({
    user: makeVector(Uint32Array.from(kept, (row) => users[row])),
    item: makeVector(Uint32Array.from(kept, (row) => items[row])),
    ...(weights === undefined ? {} : { weight: makeVector(Float32Array.from(kept, (row) => weights[row])) }),
    ...(keptTimes === undefined
      ? {}
      : { time: makeVector(makeData({ type: new TimestampMillisecond(), data: keptTimes })) }),
  })
}
