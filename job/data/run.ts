import { NightjarError } from '../errors.ts'
import { openStore } from '../store/open-store.ts'
import { resolvePlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { readArrowFile } from './arrow-file.ts'
import { type CsrMatrix, csrFromPairs, rowRange, union } from './csr-matrix.ts'
import { type Dataset, type DatasetExtent, openDataset, rowsWithout } from './dataset.ts'
import { readJsonFile } from './json-file.ts'
import { readRatings, type UserRange } from './rating-matrix.ts'
import { allRows, type RowRules } from './row-rules.ts'
import { type RunManifest, runManifest } from './run-manifest.ts'

export const runManifestPath = 'manifest.json'

/** What a night keeps of itself, beside its run. */
export const nightStatePath = 'night.json'

/** A finished run, opened for reading. */
export class Run {
  readonly store: Store
  readonly manifest: RunManifest

  constructor(store: Store, manifest: RunManifest) {
    this.store = store
    this.manifest = manifest
  }

  /** As much of the dataset as this run was trained on. */
  get extent(): DatasetExtent {
    const { users, items, parts } = this.manifest.dataset
    return { users, items, parts }
  }

  /**
   * The dataset that this run was trained on, checked by digest; rows appended and users forgotten since are no fault.
   *
   * @param uri where it lies now, if it was moved
   * @throws NightjarError RUN_DATASET where that is another dataset
   */
  async openDataset(uri?: string): Promise<Dataset> {
    const place = uri ?? resolvePlace(this.store.uri, this.manifest.dataset.uri)
    const dataset = await openDataset(openStore(place))
    if (!dataset.wasEver(this.extent, this.manifest.dataset.digest)) {
      throw new NightjarError('RUN_DATASET', {
        what: `${place} is not the dataset that ${this.store.uri} was trained on (digest ${this.manifest.dataset.digest.slice(0, 12)}...)`,
        why: 'the dataset was imported anew since, or another one lies there',
        fix: `pass the right one with --dataset, or train again: nightjar train ${place} --out NEW_RUN`,
      })
    }
    return dataset
  }

  /**
   * Rows that were held out of the search, `[users, items]`; empty where there were none.
   *
   * @param dataset who is forgotten there since is left out
   */
  async holdout(dataset?: Dataset): Promise<CsrMatrix> {
    const { users, items } = this.extent
    if (this.manifest.holdout === null)
      return csrFromPairs(new Uint32Array(), new Uint32Array(), users, items)
    const table = await readArrowFile(
      this.store,
      this.manifest.holdout,
      ['user', 'item'],
      'train the run again',
    )
    const column = (name: string) => table.getChild(name)?.toArray() as Uint32Array
    // By the ids: once a dataset is compacted its tombstones are gone, but this run's own files are as they were.
    const ids = (await dataset?.userIds(this.extent)) ?? []
    const forgotten = new Set([...ids.keys()].filter((user) => ids[user] === ''))
    const rows = rowsWithout({ users: column('user'), items: column('item') }, forgotten)
    return csrFromPairs(rows.users, rows.items, users, items)
  }

  /** Which rows of the dataset it was trained on. */
  get rules(): RowRules {
    const { rows } = this.manifest
    if (rows === undefined) return allRows
    return { since: rows.since === null ? null : Date.parse(rows.since), minWeight: rows.minWeight }
  }

  /** Which rows a list must not repeat: what fell out of the window is known all the same. */
  get knownRules(): RowRules {
    return { since: null, minWeight: this.rules.minWeight }
  }

  /** The rows that it was trained on, those held out of the search among them. `[users, items]` */
  ratings(dataset: Dataset): Promise<CsrMatrix> {
    return readRatings(dataset, this.extent, this.rules)
  }

  /**
   * Every row that the run knows of, trained on or not: what a list must not repeat. `[users, items]`
   *
   * @param range whose rows alone are wanted: row 0 is then user `first`
   */
  async known(dataset: Dataset, range: UserRange = { first: 0, end: this.extent.users }): Promise<CsrMatrix> {
    const heldOut = rowRange(await this.holdout(dataset), range.first, range.end)
    return union(await readRatings(dataset, this.extent, this.knownRules, range), heldOut)
  }
}

/**
 * Opens a run folder.
 *
 * @throws NightjarError NOT_A_RUN where there is no manifest, RUN_MANIFEST where it is not of this shape
 */
export async function openRun(store: Store): Promise<Run> {
  if ((await store.size(runManifestPath)) === undefined) {
    if ((await store.size(nightStatePath)) !== undefined) {
      throw new NightjarError('NOT_A_RUN', {
        what: `${store.uri} is a night without a run`,
        why: 'the gate refused it before anything was trained to be served, or it has not come that far; its log.jsonl says which',
        fix: 'the same `nightjar nightly` command tells its reasons again, or goes on',
      })
    }
    throw new NightjarError('NOT_A_RUN', {
      what: `${store.uri} holds no finished run (no ${runManifestPath})`,
      why: 'another folder was meant, or its training did not finish',
      fix: `nightjar train DATASET --out ${store.uri}   (with --resume to go on from its last checkpoint)`,
    })
  }
  return new Run(store, await readJsonFile(store, runManifestPath, runManifest, 'RUN_MANIFEST'))
}
