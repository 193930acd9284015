import type { Table, Utf8, Vector } from 'apache-arrow'
import { NightjarError } from '../errors.ts'
import { FileStore } from '../store/file-store.ts'
import { schemeOf, splitPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { readArrowFile } from './arrow-file.ts'
import {
  type DatasetManifest,
  datasetDigest,
  datasetManifest,
  digestsEver,
  type VouchedFile,
} from './dataset-manifest.ts'
import { readForgotten } from './forgotten.ts'
import { IdColumn } from './id-column.ts'
import { readJsonFile } from './json-file.ts'
import { textsOf } from './text-column.ts'

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
  /** Users whose rows and ids are not given out, by index, ascending. */
  readonly forgotten: Uint32Array

  constructor(store: Store, manifest: DatasetManifest, forgotten: Uint32Array = new Uint32Array()) {
    this.store = store
    this.manifest = manifest
    this.forgotten = forgotten
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
    const manifest = { ...this.manifest, digest: datasetDigest(extent, parts), counts, parts }
    const forgotten = this.forgotten.filter((user) => user < extent.users)
    return new Dataset(this.store, manifest, forgotten)
  }

  /** The digest that the dataset had when it ended at `extent`; undefined where it never reached that far. */
  digestAt(extent: DatasetExtent): string | undefined {
    if (extent.parts > this.manifest.parts.length) return undefined
    return datasetDigest(extent, this.manifest.parts.slice(0, extent.parts))
  }

  /**
   * Whether the dataset had this digest when it ended at `extent`. Compacting gives parts new digests, and those
   * that they had before count as well.
   */
  wasEver(extent: DatasetExtent, digest: string): boolean {
    return extent.parts <= this.manifest.parts.length && digestsEver(this.manifest, extent).has(digest)
  }

  /** Original user ids by index; '' stands in the place of a forgotten one, and is nobody's id. */
  async userIds(extent = this.extent): Promise<string[]> {
    const ids = (await this.storedUserIds()).slice(0, extent.users)
    for (const index of this.forgotten) if (index < ids.length) ids[index] = ''
    return ids
  }

  /** The same, not decoded. */
  async userIdColumn(extent = this.extent): Promise<IdColumn> {
    const table = await this.#read(this.manifest.users, ['user_id'])
    return new IdColumn(columnOf(table, 'user_id'), extent.users, this.forgotten)
  }

  /** User ids as the file holds them, the forgotten ones among them until compacting: for numbering alone. */
  async storedUserIds(): Promise<string[]> {
    return textsOf(columnOf(await this.#read(this.manifest.users, ['user_id']), 'user_id'))
  }

  async items(extent = this.extent): Promise<ItemTable> {
    const table = await this.#read(this.manifest.items, ['item_id'])
    const column = (name: string) =>
      table.getChild(name) === null ? undefined : textsOf(columnOf(table, name)).slice(0, extent.items)
    const titles = column('title')
    const categories = column('category')
    return {
      ids: textsOf(columnOf(table, 'item_id')).slice(0, extent.items),
      ...(titles === undefined ? {} : { titles }),
      ...(categories === undefined ? {} : { categories }),
    }
  }

  /**
   * Every part's rows in the order in which they were imported, without those of forgotten users.
   *
   * @throws NightjarError SHARD_USER_RANGE, SHARD_ITEM_RANGE where a row points outside the dictionaries
   */
  async *interactions(extent = this.extent): AsyncGenerator<InteractionRows> {
    const forgotten = new Set(this.forgotten)
    for (const part of this.manifest.parts.slice(0, extent.parts)) {
      const rows = await this.storedRows(part)
      this.#checkRange(part.path, 'user', rows.users, extent.users)
      this.#checkRange(part.path, 'item', rows.items, extent.items)
      yield rowsWithout(rows, forgotten)
    }
  }

  /** A part's rows as the file holds them, those of forgotten users among them until compacting. */
  async storedRows(part: VouchedFile): Promise<InteractionRows> {
    const table = await this.#read(part, ['user', 'item'])
    return {
      users: numbers(table, 'user') as Uint32Array,
      items: numbers(table, 'item') as Uint32Array,
      ...(table.getChild('weight') !== null && { weights: numbers(table, 'weight') as Float32Array }),
      ...(table.getChild('time') !== null && { times: numbers(table, 'time') as BigInt64Array }),
    }
  }

  #read(file: DatasetManifest['users'], columns: string[]): Promise<Table> {
    return readArrowFile(this.store, file, columns, fix)
  }

  #checkRange(path: string, column: 'user' | 'item', indexes: Uint32Array, count: number): void {
    let row = 0
    while (row < indexes.length && indexes[row] < count) row++
    if (row === indexes.length) return
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
 * @throws NightjarError NOT_A_DATASET where there is no manifest, DATASET_MANIFEST, DATASET_FORGOTTEN where
 *   a file is not of its shape, DATASET_DIGEST where the manifest does not match itself
 */
export async function openDataset(store: Store): Promise<Dataset> {
  if ((await store.size(datasetManifestPath)) === undefined) {
    const { folder, name } = splitPlace(store.uri)
    if (schemeOf(store.uri) === undefined && (await new FileStore(folder).size(name)) !== undefined) {
      throw new NightjarError('NOT_A_DATASET', {
        what: `${store.uri} is a file, and a dataset is a folder`,
        fix: `nightjar import ${store.uri} --out FOLDER, and then name that folder`,
      })
    }
    throw new NightjarError('NOT_A_DATASET', {
      what: `${store.uri} holds no dataset (no ${datasetManifestPath})`,
      why: 'another folder was meant, or the import that made it did not finish',
      fix: `nightjar import SOURCE --out ${store.uri}`,
    })
  }
  // Before the manifest: compacting writes the manifest and then takes the tombstones away. The other way round a
  // reader could hold the old parts, and nothing that tells whom to leave out.
  const forgotten = await readForgotten(store)
  const manifest = await readJsonFile(store, datasetManifestPath, datasetManifest, 'DATASET_MANIFEST')
  const digest = datasetDigest(manifest.counts, manifest.parts)
  if (digest !== manifest.digest) {
    throw new NightjarError('DATASET_DIGEST', {
      what: `${store.uri}/${datasetManifestPath}: digest ${manifest.digest.slice(0, 12)}..., its parts give ${digest.slice(0, 12)}...`,
      why: 'the manifest was changed by hand, or is of another folder',
      fix,
    })
  }
  return new Dataset(store, manifest, forgotten)
}

/** The rows of users who are not among `forgotten`: the same arrays where all are. */
export function rowsWithout(rows: InteractionRows, forgotten: ReadonlySet<number>): InteractionRows {
  const { users, items, weights, times } = rows
  if (forgotten.size === 0 || !users.some((user) => forgotten.has(user))) return rows
  const stays = (_: unknown, i: number) => !forgotten.has(users[i])
  return {
    users: users.filter(stays),
    items: items.filter(stays),
    ...(weights === undefined ? {} : { weights: weights.filter(stays) }),
    ...(times === undefined ? {} : { times: times.filter(stays) }),
  }
}

/** A column of texts that is there. */
function columnOf(table: Table, name: string): Vector<Utf8> {
  return table.getChild(name) as Vector<Utf8>
}

/** A column's values as one typed array. Arrow pads its buffers, so `values` may be longer than the column. */
function numbers(table: Table, column: string): Uint32Array | Float32Array | BigInt64Array {
  const child = table.getChild(column)
  const [data, ...more] = child?.data ?? []
  if (data === undefined || more.length > 0) return child?.toArray() as Uint32Array
  return (data.values as Uint32Array).subarray(0, data.length)
}
