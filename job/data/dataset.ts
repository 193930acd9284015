import type { Table } from 'apache-arrow'
import { NightjarError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { readArrowFile } from './arrow-file.ts'
import { type DatasetManifest, datasetDigest, datasetManifest } from './dataset-manifest.ts'
import { readJsonFile } from './json-file.ts'

export const datasetManifestPath = 'manifest.json'

const fix = 'import the source again into a new folder: nightjar import SOURCE --out FOLDER'

/** How far into a dataset's append-only history to read: a run reads what it was trained on, and no more. */
export interface DatasetExtent {
  users: number
  items: number
  parts: number
}

/** Ids and what is known of each, by dense index. */
export interface ItemTable {
  ids: string[]
  /** Undefined where the source had no titles; an item without one has ''. */
  titles?: string[]
  categories?: string[]
}

/** Rows of one part, as typed arrays of equal length. */
export interface InteractionRows {
  users: Uint32Array
  items: Uint32Array
  weights?: Float32Array
  /** Milliseconds since 1970. */
  times?: BigInt64Array
}

/** A dataset folder, opened for reading. Nothing is read before it is asked for. */
export class Dataset {
  readonly store: Store
  readonly manifest: DatasetManifest

  constructor(store: Store, manifest: DatasetManifest) {
    this.store = store
    this.manifest = manifest
  }

  get extent(): DatasetExtent {
    return {
      users: this.manifest.counts.users,
      items: this.manifest.counts.items,
      parts: this.manifest.parts.length,
    }
  }

  /** The dataset as it was when it ended at `extent`: rows and ids appended since are not in it. */
  at(extent: DatasetExtent): Dataset {
    const parts = this.manifest.parts.slice(0, extent.parts)
    const counts = {
      users: extent.users,
      items: extent.items,
      interactions: parts.reduce((sum, part) => sum + part.rows, 0),
    }
    return new Dataset(this.store, { ...this.manifest, digest: datasetDigest(extent, parts), counts, parts })
  }

  /** The digest that the dataset had when it ended at `extent`; undefined where it never reached that far. */
  digestAt(extent: DatasetExtent): string | undefined {
    if (extent.parts > this.manifest.parts.length) return undefined
    return datasetDigest(extent, this.manifest.parts.slice(0, extent.parts))
  }

  /** Original user ids by index. */
  async userIds(extent = this.extent): Promise<string[]> {
    const table = await this.#read(this.manifest.users, ['user_id'])
    return strings(table, 'user_id').slice(0, extent.users)
  }

  async items(extent = this.extent): Promise<ItemTable> {
    const table = await this.#read(this.manifest.items, ['item_id'])
    const column = (name: string) =>
      table.getChild(name) === null ? undefined : strings(table, name).slice(0, extent.items)
    const titles = column('title')
    const categories = column('category')
    return {
      ids: strings(table, 'item_id').slice(0, extent.items),
      ...(titles === undefined ? {} : { titles }),
      ...(categories === undefined ? {} : { categories }),
    }
  }

  /**
   * Every part's rows in the order in which they were imported.
   *
   * @throws NightjarError SHARD_USER_RANGE, SHARD_ITEM_RANGE where a row points outside the dictionaries
   */
  async *interactions(extent = this.extent): AsyncGenerator<InteractionRows> {
    for (const part of this.manifest.parts.slice(0, extent.parts)) {
      const table = await this.#read(part, ['user', 'item'])
      const rows: InteractionRows = {
        users: numbers(table, 'user') as Uint32Array,
        items: numbers(table, 'item') as Uint32Array,
      }
      if (table.getChild('weight') !== null) rows.weights = numbers(table, 'weight') as Float32Array
      if (table.getChild('time') !== null) rows.times = numbers(table, 'time') as BigInt64Array
      this.#checkRange(part.path, 'user', rows.users, extent.users)
      this.#checkRange(part.path, 'item', rows.items, extent.items)
      yield rows
    }
  }

  #read(file: DatasetManifest['users'], columns: string[]): Promise<Table> {
    return readArrowFile(this.store, file, columns, fix)
  }

  #checkRange(path: string, column: 'user' | 'item', indexes: Uint32Array, count: number): void {
    const row = indexes.findIndex((index) => index >= count)
    if (row < 0) return
    throw new NightjarError(column === 'user' ? 'SHARD_USER_RANGE' : 'SHARD_ITEM_RANGE', {
      what:
        `${this.store.uri}/${path}: column "${column}", row ${row} holds ${indexes[row]}, ` +
        `but ${column}s.arrow has ${count} ${column}s (valid 0 to ${count - 1})`,
      why: 'the shard was written with another id map',
      fix,
    })
  }
}

/**
 * Opens a dataset folder.
 *
 * @throws NightjarError NOT_A_DATASET where there is no manifest, DATASET_MANIFEST where it is not of this
 *   shape, DATASET_DIGEST where it does not match itself
 */
export async function openDataset(store: Store): Promise<Dataset> {
  if ((await store.size(datasetManifestPath)) === undefined) {
    throw new NightjarError('NOT_A_DATASET', {
      what: `${store.uri} holds no dataset (no ${datasetManifestPath})`,
      why: 'another folder was meant, or the import that made it did not finish',
      fix: `nightjar import SOURCE --out ${store.uri}`,
    })
  }
  const manifest = await readJsonFile(store, datasetManifestPath, datasetManifest, 'DATASET_MANIFEST')
  const digest = datasetDigest(manifest.counts, manifest.parts)
  if (digest !== manifest.digest) {
    throw new NightjarError('DATASET_DIGEST', {
      what: `${store.uri}/${datasetManifestPath}: digest ${manifest.digest.slice(0, 12)}..., its parts give ${digest.slice(0, 12)}...`,
      why: 'the manifest was changed by hand, or is of another folder',
      fix,
    })
  }
  return new Dataset(store, manifest)
}

/**
 * A column's texts. Decoded here, for apache-arrow takes a U+FEFF at the start of a text for a byte order mark
 * and drops it: two ids would become one.
 */
function strings(table: Table, column: string): string[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const texts: string[] = []
  for (const { length, values, valueOffsets } of table.getChild(column)?.data ?? []) {
    for (let row = 0; row < length; row++) {
      texts.push(decoder.decode(values.subarray(valueOffsets[row], valueOffsets[row + 1])))
    }
  }
  return texts
}

/** A column's values as one typed array. Arrow pads its buffers, so `values` may be longer than the column. */
function numbers(table: Table, column: string): Uint32Array | Float32Array | BigInt64Array {
  const child = table.getChild(column)
  const [data, ...more] = child?.data ?? []
  if (data === undefined || more.length > 0) return child?.toArray() as Uint32Array
  return (data.values as Uint32Array).subarray(0, data.length)
}
