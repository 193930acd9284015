import type { Dataset } from '../../data/dataset.ts'
import type { Run } from '../../data/run.ts'
import { NightjarError, throwIfCancelled } from '../../errors.ts'
import { Catalogue, type NamedItem } from '../../export/score-batch.ts'
import { looked } from '../../gate/list-checks.ts'
import { asFirst, asSecond, similarity } from '../../publish/similar-items.ts'
import type { Watch } from '../file-facts.ts'
import { HistoryWindow } from './history-window.ts'
import { catalogueOf, type ScoreSet, scoreBatches } from './score-set.ts'

/** An item that stands with another, in lists or in histories. */
export interface Companion extends NamedItem {
  together: number
  /** As of published similar items: docs/maths.md. */
  similarity: number
}

export interface ItemReport extends NamedItem {
  kind: 'item'
  place: string
  /** Null for a dataset alone. */
  lists: {
    count: number
    share: number
    inFirstTen: number
    meanRank: number
    /** Lists by the item's rank, from 1. */
    byRank: number[]
    /** Some who get it, in the order of the files: all where they are few. */
    users: { userId: string; rank: number; score: number }[]
    /** What stands in the same lists. */
    companions: Companion[]
  } | null
  /** Null without a dataset. */
  histories: { users: number; companions: Companion[] } | null
}

const companionsMax = 10
const usersMax = 10

/** Who gets an item and who has it, and what goes with it in lists and in histories. @throws NightjarError UNKNOWN_ITEM */
export async function oneItemOfScores(set: ScoreSet, itemId: string, watch: Watch): Promise<ItemReport> {
  const catalogue = await catalogueOf(set)
  const tally = new Tally()
  const users: { userId: string; rank: number; score: number }[] = []
  const byRank: number[] = []
  let all = 0
  let item = catalogue.indexOf(itemId)
  watch.progress.start('lists', set.files.length, { unit: 'files' })
  for await (const { file, batch } of scoreBatches(set, catalogue)) {
    throwIfCancelled(watch.signal)
    item ??= catalogue.indexOf(itemId)
    all += batch.rows
    const { offsets, items, scores, scoreOffsets, userIds } = batch
    for (let row = 0; row < batch.rows; row++) {
      const list = items.subarray(offsets[row], offsets[row + 1])
      const at = item === undefined ? -1 : list.indexOf(item)
      tally.add(list, at >= 0)
      if (at < 0) continue
      byRank[at] = (byRank[at] ?? 0) + 1
      if (users.length < usersMax) {
        users.push({ userId: userIds.at(row), rank: at + 1, score: scores[scoreOffsets[row] + at] })
      }
    }
    watch.progress.update(set.files.indexOf(file) + 1)
  }
  watch.progress.end()
  if (item === undefined) throw unknownItem(set.place, itemId, 'scores')
  const ranks = Array.from(byRank, (count) => count ?? 0)
  const count = ranks.reduce((sum, n) => sum + n, 0)
  return {
    ...{ kind: 'item', place: set.place },
    ...catalogue.named(item),
    lists: {
      ...{ count, share: count / Math.max(1, all), byRank: ranks, users },
      inFirstTen: ranks.slice(0, looked).reduce((sum, n) => sum + n, 0),
      meanRank: ranks.reduce((sum, n, at) => sum + n * (at + 1), 0) / Math.max(1, count),
      companions: tally.companionsOf(item, catalogue),
    },
    histories: set.dataset === undefined ? null : await historiesOf(set.dataset, set.run, item, catalogue),
  }
}

/** @throws NightjarError UNKNOWN_ITEM */
export async function oneItemOfDataset(place: string, dataset: Dataset, itemId: string): Promise<ItemReport> {
  const catalogue = new Catalogue(await dataset.items())
  const item = catalogue.indexOf(itemId)
  if (item === undefined) throw unknownItem(place, itemId, 'items')
  const histories = await historiesOf(dataset, undefined, item, catalogue)
  return { ...{ kind: 'item', place }, ...catalogue.named(item), lists: null, histories }
}

async function historiesOf(
  dataset: Dataset,
  run: Run | undefined,
  item: number,
  catalogue: Catalogue,
): Promise<NonNullable<ItemReport['histories']>> {
  const window = new HistoryWindow(dataset, run)
  const tally = new Tally()
  let users = 0
  for (let user = 0; user < dataset.extent.users; user++) {
    if (!window.covers(user)) await window.moveTo(user)
    const history = window.of(user)
    const has = history.includes(item)
    if (has) users++
    tally.add(history, has)
  }
  return { users, companions: tally.companionsOf(item, catalogue) }
}

/** In how many sets each item is, and in how many with the one that is asked for. */
class Tally {
  #all = new Uint32Array(1024)
  #together = new Uint32Array(1024)

  add(items: Uint32Array, has: boolean): void {
    for (let i = 0; i < items.length; i++) {
      if (items[i] >= this.#all.length) this.#grow(items[i] + 1)
      this.#all[items[i]]++
      if (has) this.#together[items[i]]++
    }
  }

  companionsOf(item: number, catalogue: Catalogue): Companion[] {
    const own = asFirst(this.#all[item] ?? 0)
    const values = new Float64Array(this.#together.length)
    for (let other = 0; other < values.length; other++) {
      const shared = this.#together[other]
      if (shared > 0 && other !== item) values[other] = similarity(shared, own, asSecond(this.#all[other]))
    }
    return Array.from(values.keys())
      .filter((other) => values[other] > 0)
      .sort((a, b) => values[b] - values[a] || a - b)
      .slice(0, companionsMax)
      .map((other) => ({
        ...catalogue.named(other),
        together: this.#together[other],
        similarity: values[other],
      }))
  }

  #grow(least: number): void {
    const length = Math.max(least, 2 * this.#all.length)
    const grown = (counts: Uint32Array) => {
      const larger = new Uint32Array(length)
      larger.set(counts)
      return larger
    }
    this.#all = grown(this.#all)
    this.#together = grown(this.#together)
  }
}

function unknownItem(place: string, itemId: string, table: string): NightjarError {
  return new NightjarError('UNKNOWN_ITEM', {
    what: `${place} knows no item ${JSON.stringify(itemId)}`,
    why: 'the id is spelled otherwise in the source, or the item came later',
    fix: `some ids: nightjar inspect ${place} --sql 'select distinct item_id from ${table} limit 10'`,
  })
}
