import { solveRows } from './least-squares'
import { adamRows } from './adam-rows'
import { gramOfTable, scoresOfTables, timesTable, turnTable } from './products'
import { topOfRows } from './top-rows'
import { countTogether, eliminate, mirror, panels, pivot, sumItemRows } from './sweep'

// How several threads share a phase: rows are taken from one counter, a lot at a time. The phases are long and their lots
// cost much, so there is no more to it than that. Who computes a row does not change its bits: it is computed whole by
// one thread, in a fixed order, from what nobody writes in that phase.

/** In the order of `phases` in ../crew.ts. */
export const enum Phase {
  stop,
  countTogether,
  pivot,
  panels,
  eliminate,
  mirror,
  sumItemRows,
  gramOfTable,
  turnTable,
  solveRows,
  scoresOfTables,
  timesTable,
  adamRows,
  topOfRows,
}

/** The crew's own words, those that threads wait for on cache lines of their own. */
const generationWord: usize = 1024
const runningWord: usize = 1088
const nextWord: usize = 1152
const phaseWord: usize = 1216
const rowsWord: usize = 1220
const lotWord: usize = 1224

/** Looks at a word that is about to change, before going to sleep on it. */
const spins: i32 = 100_000

/** Tells `followers` other threads to begin a phase over `rows` rows, and returns at once. */
export function begin(phase: Phase, rows: i32, lot: i32, followers: i32): void {
  store<i32>(phaseWord, phase)
  store<i32>(rowsWord, rows)
  store<i32>(lotWord, lot)
  atomic.store<i32>(nextWord, 0)
  atomic.store<i32>(runningWord, followers)
  atomic.add<i32>(generationWord, 1)
  if (followers > 0) atomic.notify(generationWord, followers)
}

/** Joins in the phase that was begun and returns when its last row is done. */
export function finish(): void {
  takeLots(0)
  for (let left = atomic.load<i32>(runningWord); left > 0; left = atomic.load<i32>(runningWord)) {
    sleepWhile(runningWord, left)
  }
}

/** The life of every other thread, from its first phase to `stop`. `thread` counts from 1. */
export function follow(thread: i32): void {
  let seen = 0
  while (true) {
    sleepWhile(generationWord, seen)
    const generation = atomic.load<i32>(generationWord)
    if (generation == seen) continue
    seen = generation
    const stops = load<i32>(phaseWord) == Phase.stop
    takeLots(thread)
    if (atomic.sub<i32>(runningWord, 1) == 1) atomic.notify(runningWord, 1)
    if (stops) return
  }
}

function sleepWhile(address: usize, value: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(address) != value) return
  atomic.wait<i32>(address, value, -1)
}

function takeLots(thread: i32): void {
  const phase = load<i32>(phaseWord)
  const rows = load<i32>(rowsWord)
  const lot = load<i32>(lotWord)
  for (let first = atomic.add<i32>(nextWord, lot); first < rows; first = atomic.add<i32>(nextWord, lot)) {
    runRows(phase, first, min(first + lot, rows), thread)
  }
}

function runRows(phase: Phase, begin: i32, end: i32, thread: i32): void {
  if (phase == Phase.countTogether) countTogether(begin, end)
  else if (phase == Phase.pivot) pivot()
  else if (phase == Phase.panels) panels(begin, end, thread)
  else if (phase == Phase.eliminate) eliminate(begin, end)
  else if (phase == Phase.mirror) mirror(begin, end)
  else if (phase == Phase.sumItemRows) sumItemRows(begin, end)
  else if (phase == Phase.gramOfTable) gramOfTable(begin, end)
  else if (phase == Phase.turnTable) turnTable(begin, end, thread)
  else if (phase == Phase.solveRows) solveRows(begin, end, thread)
  else if (phase == Phase.scoresOfTables) scoresOfTables(begin, end)
  else if (phase == Phase.timesTable) timesTable(begin, end)
  else if (phase == Phase.adamRows) adamRows(begin, end)
  else if (phase == Phase.topOfRows) topOfRows(begin, end)
}
