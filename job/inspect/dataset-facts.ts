import { openArrow } from '../data/arrow-batches.ts'
import { type Dataset, openDataset } from '../data/dataset.ts'
import type { DatasetManifest } from '../data/dataset-manifest.ts'
import { throwIfCancelled } from '../errors.ts'
import { Catalogue, type NamedItem } from '../export/score-batch.ts'
import type { Store } from '../store/store.ts'
import { type Fault, FaultLog } from './fault.ts'
import { type FileFacts, lookAtFiles, type Watch } from './file-facts.ts'
import { gini } from './scores/exposure.ts'

export interface DatasetReport {
  kind: 'dataset'
  place: string
  digest: string
  updatedAt: string
  counts: DatasetManifest['counts']
  forgotten: number
  columns: string[]
  files: FileFacts[]
  sources: { name: string; importedAt: string; rowsKept: number }[]
  /** Rows of a user; a pair that was imported twice counts twice. */
  rowsOfUser: { min: number; median: number; mean: number; max: number }
  /** Of the rows over the items. */
  gini: number
  /** Null without times. Rows in 54 even spans from the first to the last. */
  times: { first: string; last: string; rows: number[] } | null
  weights: { min: number; mean: number; max: number } | null
  /** Most rows first. */
  mostHad: (NamedItem & { rows: number; share: number })[]
  faults: Fault[]
  notes: string[]
}

const mostMax = 10
const timeSpans = 54

/** What a dataset holds, its parts a batch at a time, and whether its files are what the manifest says. */
export async function surveyDataset(
  { place, store }: { place: string; store: Store },
  watch: Watch,
): Promise<DatasetReport> {
  const faults = new FaultLog()
  const dataset = await openDataset(store)
  const { manifest, forgotten } = dataset
  const vouched = [manifest.users, manifest.items, ...manifest.parts]
  const files = await lookAtFiles(
    store,
    vouched.map((file) => ({ path: file.path, vouched: file })),
    faults,
    watch,
  )
  const rows = await countRows(dataset, faults, watch)
  const catalogue = await namesOf(dataset, faults)
  return {
    ...{ kind: 'dataset', place, digest: manifest.digest, updatedAt: manifest.updatedAt },
    counts: manifest.counts,
    forgotten: forgotten.length,
    columns: manifest.columns,
    files,
    sources: manifest.sources.map(({ name, importedAt, rowsKept }) => ({ name, importedAt, rowsKept })),
    rowsOfUser: spread(rows.ofUser),
    gini: gini(rows.ofItem),
    times: rows.times(),
    weights: rows.weights(),
    mostHad: Array.from(rows.ofItem.keys())
      .sort((a, b) => rows.ofItem[b] - rows.ofItem[a] || a - b)
      .slice(0, mostMax)
      .filter((item) => rows.ofItem[item] > 0)
      .map((item) => ({
        ...catalogue.named(item),
        rows: rows.ofItem[item],
        share: rows.ofItem[item] / Math.max(1, manifest.counts.users),
      })),
    faults: faults.faults,
    notes:
      forgotten.length === 0
        ? []
        : [`${forgotten.length} users are forgotten; their rows are still counted here`],
  }
}

class RowCounts {
  readonly ofUser: Uint32Array
  readonly ofItem: Uint32Array
  /** Rows by day since 1970. */
  readonly #days = new Map<number, number>()
  #weightSum = 0
  #weightRows = 0
  #weightMin = Number.POSITIVE_INFINITY
  #weightMax = Number.NEGATIVE_INFINITY

  constructor({ users, items }: DatasetManifest['counts']) {
    this.ofUser = new Uint32Array(users)
    this.ofItem = new Uint32Array(items)
  }

  /** @returns the first row that points outside the dictionaries, or -1 */
  add(users: Uint32Array, items: Uint32Array, rows: number): number {
    let outside = -1
    for (let row = 0; row < rows; row++) {
      if (users[row] >= this.ofUser.length || items[row] >= this.ofItem.length) {
        outside = outside < 0 ? row : outside
        continue
      }
      this.ofUser[users[row]]++
      this.ofItem[items[row]]++
    }
    return outside
  }

  addTimes(times: BigInt64Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const day = Math.floor(Number(times[row]) / dayMs)
      this.#days.set(day, (this.#days.get(day) ?? 0) + 1)
    }
  }

  addWeights(weights: Float32Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      this.#weightSum += weights[row]
      if (weights[row] < this.#weightMin) this.#weightMin = weights[row]
      if (weights[row] > this.#weightMax) this.#weightMax = weights[row]
    }
    this.#weightRows += rows
  }

  times(): DatasetReport['times'] {
    if (this.#days.size === 0) return null
    const days = Uint32Array.from(this.#days.keys()).sort()
    const [first, last] = [days[0], days[days.length - 1]]
    const spans = Math.min(timeSpans, last - first + 1)
    const rows = Array.from({ length: spans }, () => 0)
    for (const [day, count] of this.#days) {
      rows[Math.min(spans - 1, Math.floor(((day - first) * spans) / (last - first + 1)))] += count
    }
    const date = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10)
    return { first: date(first), last: date(last), rows }
  }

  weights(): DatasetReport['weights'] {
    if (this.#weightRows === 0) return null
    return { min: this.#weightMin, mean: this.#weightSum / this.#weightRows, max: this.#weightMax }
  }
}

const dayMs = 24 * 60 * 60 * 1000

async function countRows(dataset: Dataset, faults: FaultLog, { signal }: Watch): Promise<RowCounts> {
  const counts = new RowCounts(dataset.manifest.counts)
  for (const { path } of dataset.manifest.parts) {
    throwIfCancelled(signal)
    if ((await dataset.store.size(path)) === undefined) continue
    try {
      const arrow = await openArrow(dataset.store, path)
      for (let index = 0; index < arrow.batchCount; index++) {
        const batch = await arrow.read(index)
        const column = (name: string) => batch.getChild(name)?.data[0]?.values
        const outside = counts.add(column('user'), column('item'), batch.numRows)
        if (outside >= 0) faults.add('INDEX_RANGE', () => `${path}: batch ${index}, row ${outside}`)
        const [times, weights] = [column('time'), column('weight')]
        if (times !== undefined) counts.addTimes(times, batch.numRows)
        if (weights !== undefined) counts.addWeights(weights, batch.numRows)
      }
    } catch (error) {
      faults.add('UNREADABLE', () => (error instanceof Error ? error.message : String(error)))
    }
  }
  return counts
}

/** Names of the items; of none where their file is damaged, which is told already. */
async function namesOf(dataset: Dataset, faults: FaultLog): Promise<Catalogue> {
  try {
    return new Catalogue(await dataset.items())
  } catch (error) {
    if (faults.faults.length === 0) throw error
    return new Catalogue()
  }
}

function spread(counts: Uint32Array): DatasetReport['rowsOfUser'] {
  const ascending = counts.slice().sort()
  const n = ascending.length
  if (n === 0) return { min: 0, median: 0, mean: 0, max: 0 }
  const mean = ascending.reduce((sum, count) => sum + count, 0) / n
  return { min: ascending[0], median: ascending[n >> 1], mean, max: ascending[n - 1] }
}
