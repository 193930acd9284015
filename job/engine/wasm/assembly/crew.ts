import { deltaOfItems, deltaOfUsers, updateHiddenBiases, updateItems, updateUsers } from './backward'
import { decodeItemCells, decodeUserCells, differentiatePairs } from './decode'
import { encodeItems, encodeUsers } from './encode'
import { has, pointer, row, Slot, userComponent, word } from './layout'
import { rankRows } from './rank'
import { scoreRows } from './score'

// How several threads share a phase. The rows of a phase are dealt out in lots from one counter, smaller ones towards the
// end, so that a thread that is held up takes fewer and all end together. Who computes a row does not change its bits:
// every row is gathered whole by one thread, in an order that is fixed, from arrays that nobody writes in that phase.

export const enum Phase {
  stop,
  encode,
  decodeUsers,
  decodeItems,
  differentiate,
  delta,
  update,
  score,
  rank,
}

/** The crew's own words, each on a cache line of its own, behind the slots. */
const generationWord: usize = 1024
const runningWord: usize = 1088
const nextWord: usize = 1152
const phaseWord: usize = 1216
const rowsWord: usize = 1220
const lotWord: usize = 1224
const threadsWord: usize = 1228

/**
 * Looks at a word that is about to change, before going to sleep on it: a tenth of a millisecond or two, about what is
 * between two phases. Waking up takes half as long as that on a virtual machine, and a step has six phases and a sort.
 */
const spins: i32 = 100_000

/** Tells `followers` other threads to begin a phase over `rows` rows, at most `lot` a time, and returns at once. */
export function begin(phase: Phase, rows: i32, lot: i32, followers: i32): void {
  store<i32>(phaseWord, phase)
  store<i32>(rowsWord, rows)
  store<i32>(lotWord, lot)
  store<i32>(threadsWord, followers + 1)
  atomic.store<i32>(nextWord, 0)
  atomic.store<i32>(runningWord, followers)
  atomic.add<i32>(generationWord, 1)
  if (followers > 0) atomic.notify(generationWord, followers)
}

/** Joins in the phase that was begun and returns when its last row is done. */
export function finish(): void {
  const phase = load<i32>(phaseWord)
  if (phase != Phase.stop) takeLots(phase, 0)
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
    const phase = load<i32>(phaseWord)
    if (phase != Phase.stop) takeLots(phase, thread)
    if (atomic.sub<i32>(runningWord, 1) == 1) atomic.notify(runningWord, 1)
    if (phase == Phase.stop) return
  }
}

function sleepWhile(address: usize, value: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(address) != value) return
  atomic.wait<i32>(address, value, -1)
}

function takeLots(phase: Phase, thread: i32): void {
  const rows = load<i32>(rowsWord)
  const lot = load<i32>(lotWord)
  const indexes = pointer(Slot.indexScratch) + <usize>thread * (word(Slot.indexScratchBytes) as usize)
  const gradients = pointer(Slot.gradientScratch) + <usize>thread * (word(Slot.gradientScratchBytes) as usize)
  const scores = pointer(Slot.scoreScratch) + <usize>thread * (word(Slot.scoreScratchBytes) as usize)
  for (let begin = atomic.load<i32>(nextWord); begin < rows; begin = atomic.load<i32>(nextWord)) {
    const end = min(begin + lotOf(rows - begin, lot), rows)
    if (atomic.cmpxchg<i32>(nextWord, begin, end) == begin) runRows(phase, begin, end, indexes, gradients, scores)
  }
}

/** Half of what would be this thread's share of the rows that are left, an even number from `lot / 8` to `lot`. */
function lotOf(left: i32, lot: i32): i32 {
  const half = (left / (2 * load<i32>(threadsWord))) & ~1
  return min(max(half, max(lot >> 3, 2)), lot)
}

/** Rows of a phase are two kinds in a row: users then items, or items then users. */
function runRows(phase: Phase, begin: i32, end: i32, indexes: usize, gradients: usize, scores: usize): void {
  const blockUsers = has(userComponent) ? word(Slot.blockUserCount) : 0
  if (phase == Phase.encode) {
    if (begin < blockUsers) encodeUsers(begin, min(end, blockUsers))
    if (end > blockUsers) encodeItems(max(begin, blockUsers) - blockUsers, end - blockUsers)
  } else if (phase == Phase.decodeUsers) {
    decodeUserCells(begin, end)
  } else if (phase == Phase.decodeItems) {
    decodeItemCells(begin, end)
  } else if (phase == Phase.differentiate) {
    differentiatePairs(begin, end)
  } else if (phase == Phase.delta) {
    if (begin < blockUsers) deltaOfUsers(begin, min(end, blockUsers), indexes)
    if (end > blockUsers) deltaOfItems(max(begin, blockUsers) - blockUsers, end - blockUsers, indexes)
  } else if (phase == Phase.update) {
    // The hidden biases are one row more, the first: it is the longest.
    if (begin == 0) updateHiddenBiases(gradients)
    const items = word(Slot.items) + 1
    if (begin < items) updateItems(max(begin - 1, 0), min(end, items) - 1, indexes, gradients)
    if (end > items) updateUsers(max(begin, items) - items, end - items, indexes, gradients)
  } else if (phase == Phase.score) {
    scoreRows(begin, end, row(pointer(Slot.scores), begin, word(Slot.scoreRowBytes) as usize))
  } else if (phase == Phase.rank) {
    rankRows(begin, end, scores)
  }
}
