import { throwIfCancelled } from '../../errors.ts'
import type { NamedItem } from '../../export/score-batch.ts'
import type { Watch } from '../file-facts.ts'
import { ListComparer } from './list-difference.ts'
import { ListFinder } from './list-finder.ts'
import { catalogueOf, type ScoreSet, scoreBatches } from './score-set.ts'

export interface MovedItem extends NamedItem {
  /** Lists of users whom both know that hold it. */
  before: number
  now: number
}

export interface DiffReport {
  kind: 'diff'
  place: string
  other: string
  users: { both: number; onlyHere: number; onlyThere: number }
  /** Means over the users of both. */
  overlaps: { depth: number; mean: number }[]
  /** Users by their overlap at the depth of ten: none, up to a tenth, ..., all. */
  histogram: number[]
  /** Mean over the users with two shared items and more; null where there are none. */
  correlation: number | null
  sameLists: number
  rose: MovedItem[]
  fell: MovedItem[]
  /** Least overlap first. */
  changedMost: { userId: string; overlap: number; correlation: number | null }[]
}

const movedMax = 8
const changedMax = 8
const looked = 10

/**
 * Compares lists with others, user by user: as `place` has them now, as `other` had them before. Users are matched by id, so
 * the two may be of different datasets.
 */
export async function diffScores(set: ScoreSet, other: ScoreSet, watch: Watch): Promise<DiffReport> {
  const catalogue = await catalogueOf(set)
  watch.progress.start('other lists', 1)
  const finder = await ListFinder.open(other, catalogue)
  const k = set.run?.manifest.scores?.k ?? 100
  const depths = [...new Set([1, 5, looked, 20, 50, 100, k])]
    .filter((depth) => depth <= k)
    .sort((a, b) => a - b)
  const at = Math.max(
    0,
    depths.findLastIndex((depth) => depth <= looked),
  )
  const comparer = new ListComparer(depths)
  const sums = {
    overlaps: new Float64Array(depths.length),
    correlation: 0,
    correlated: 0,
    same: 0,
    both: 0,
    here: 0,
  }
  const histogram = Array.from({ length: 11 }, () => 0)
  const moves = new Moves()
  const changed = new Changed()
  watch.progress.start('lists', set.files.length, { unit: 'files' })
  for await (const { file, batch } of scoreBatches(set, catalogue)) {
    throwIfCancelled(watch.signal)
    for (let row = 0; row < batch.rows; row++) {
      const userId = batch.userIds.at(row)
      const found = finder.find(userId)
      const before = found instanceof Promise ? await found : found
      sums.here++
      if (before === undefined) continue
      const now = batch.items.subarray(batch.offsets[row], batch.offsets[row + 1])
      const { overlaps, correlation } = comparer.compare(now, before)
      sums.both++
      for (let n = 0; n < overlaps.length; n++) sums.overlaps[n] += overlaps[n]
      if (!Number.isNaN(correlation)) {
        sums.correlation += correlation
        sums.correlated++
      }
      if (now.length === before.length && now.every((item, n) => item === before[n])) sums.same++
      histogram[Math.ceil(overlaps[at] * 10 - 1e-9)]++
      moves.add(before, now)
      changed.add(userId, overlaps[at], correlation)
    }
    watch.progress.update(set.files.indexOf(file) + 1)
  }
  watch.progress.end()
  const { rose, fell } = moves.most((item) => catalogue.named(item))
  return {
    ...{ kind: 'diff', place: set.place, other: other.place },
    users: { both: sums.both, onlyHere: sums.here - sums.both, onlyThere: finder.userCount - sums.both },
    overlaps: depths.map((depth, n) => ({ depth, mean: sums.overlaps[n] / Math.max(1, sums.both) })),
    histogram,
    correlation: sums.correlated === 0 ? null : sums.correlation / sums.correlated,
    sameLists: sums.same,
    rose,
    fell,
    changedMost: changed.most,
  }
}

/** How many lists hold each item, before and now. */
class Moves {
  readonly #before: number[] = []
  readonly #now: number[] = []

  add(before: Uint32Array, now: Uint32Array): void {
    for (let i = 0; i < before.length; i++) this.#before[before[i]] = (this.#before[before[i]] ?? 0) + 1
    for (let i = 0; i < now.length; i++) this.#now[now[i]] = (this.#now[now[i]] ?? 0) + 1
  }

  most(named: (item: number) => NamedItem): { rose: MovedItem[]; fell: MovedItem[] } {
    const length = Math.max(this.#before.length, this.#now.length)
    const rise = Float64Array.from(
      { length },
      (_, item) => (this.#now[item] ?? 0) - (this.#before[item] ?? 0),
    )
    const order = Array.from(rise.keys()).sort((a, b) => rise[b] - rise[a] || a - b)
    const told = (item: number) => ({
      ...named(item),
      before: this.#before[item] ?? 0,
      now: this.#now[item] ?? 0,
    })
    return {
      rose: order
        .slice(0, movedMax)
        .filter((item) => rise[item] > 0)
        .map(told),
      fell: order
        .reverse()
        .slice(0, movedMax)
        .filter((item) => rise[item] < 0)
        .map(told),
    }
  }
}

/** The users with least overlap, the earlier of equals first. */
class Changed {
  readonly most: DiffReport['changedMost'] = []

  add(userId: string, overlap: number, correlation: number): void {
    const last = this.most[changedMax - 1]
    if (last !== undefined && overlap >= last.overlap) return
    const place = this.most.findIndex((user) => user.overlap > overlap)
    const told = { userId, overlap, correlation: Number.isNaN(correlation) ? null : correlation }
    this.most.splice(place < 0 ? this.most.length : place, 0, told)
    this.most.length = Math.min(this.most.length, changedMax)
  }
}
