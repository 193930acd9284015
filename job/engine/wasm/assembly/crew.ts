import { deltaOfItems, deltaOfUsers, updateHiddenBiases, updateItems, updateUsers } from './backward'
import { decodeItemCells, decodeUserCells, differentiatePairs } from './decode'
import { encodeItems, encodeUsers, gatherItems, squashItems } from './encode'
import { has, pointer, row, Slot, userComponent, word } from './layout'
import { rankRows } from './rank'
import { scoreRows } from './score'

// How several threads share a phase. Each has a share of the rows, the same ones in every step, and takes lots from its
// beginning, smaller ones towards the end; one that is done early takes from the end of another's, so that all end
// together. The shares stay because a core finds in its own caches what it wrote a step ago: Adam over 100 MB goes at
// 80 GB/s on two cores that each keep their half, and at 48 on two that swap. Who computes a row does not change its
// bits: every row is gathered whole by one thread, in an order that is fixed, from arrays that nobody writes in that
// phase.

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
  gather,
  squash,
}

/** The crew's own words, each on a cache line of its own, behind the slots. */
const generationWord: usize = 1024
const runningWord: usize = 1088
const phaseWord: usize = 1152
const lotWord: usize = 1156
const threadsWord: usize = 1160

/** What is left of each thread's share, one cache line after the other: the first row, and in the upper half the end. */
const shareWords: usize = 1216

/**
 * Looks at a word that is about to change, before going to sleep on it: a tenth of a millisecond or two, about what is
 * between two phases. Waking up takes half as long as that on a virtual machine, and a step has six phases and a sort.
 */
const spins: i32 = 100_000

/** Tells `followers` other threads to begin a phase over `rows` rows, at most `lot` a time, and returns at once. */
export function begin(phase: Phase, rows: i32, lot: i32, followers: i32): void {
  const threads = followers + 1
  store<i32>(phaseWord, phase)
  store<i32>(lotWord, lot)
  store<i32>(threadsWord, threads)
  for (let t = 0; t < threads; t++) {
    atomic.store<i64>(shareOf(t), shareFrom(startOf(t, threads, rows), startOf(t + 1, threads, rows)))
  }
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
  const lot = load<i32>(lotWord)
  const threads = load<i32>(threadsWord)
  const indexes = pointer(Slot.indexScratch) + <usize>thread * (word(Slot.indexScratchBytes) as usize)
  const gradients = pointer(Slot.gradientScratch) + <usize>thread * (word(Slot.gradientScratchBytes) as usize)
  const scores = pointer(Slot.scoreScratch) + <usize>thread * (word(Slot.scoreScratchBytes) as usize)
  for (let t = 0; t < threads; t++) {
    const share = shareOf((thread + t) % threads)
    for (let left = atomic.load<i64>(share); beginOf(left) < endOf(left); left = atomic.load<i64>(share)) {
      const own = t == 0
      const taken = nextLot(left, lot, own)
      const begin = beginOf(taken)
      const end = endOf(taken)
      const rest = own ? shareFrom(end, endOf(left)) : shareFrom(beginOf(left), begin)
      if (atomic.cmpxchg<i64>(share, left, rest) == left) runRows(phase, begin, end, indexes, gradients, scores)
    }
  }
}

/**
 * The rows to take next of what is left of a share: from its beginning where it is the thread's own, from its end where
 * it is another's. At least one and at most `lot`: there is room for the gradients of no more. Begins on an even row if
 * the share does.
 */
export function nextLot(left: i64, lot: i32, own: bool): i64 {
  const rows = lotOf(endOf(left) - beginOf(left), lot)
  if (own) return shareFrom(beginOf(left), beginOf(left) + rows)
  // Behind an odd end a lot is one row shorter.
  return shareFrom(endOf(left) - rows + (rows > 1 ? (endOf(left) - rows) & 1 : 0), endOf(left))
}

/** Half of what is left of a share, an even number from `lot / 8` to `lot`, and no more than there is. */
function lotOf(left: i32, lot: i32): i32 {
  return min(min(max((left >> 1) & ~1, max((lot >> 3) & ~1, 2)), lot), left)
}

function shareOf(thread: i32): usize {
  return shareWords + ((<usize>thread) << 6)
}

/** The first row of a thread's share, an even number but for the end of the last. */
function startOf(thread: i32, threads: i32, rows: i32): i32 {
  return thread == threads ? rows : i32((<i64>rows * thread) / threads) & ~1
}

function shareFrom(begin: i32, end: i32): i64 {
  return (<i64>end << 32) | <i64>begin
}

function beginOf(share: i64): i32 {
  return i32(share)
}

function endOf(share: i64): i32 {
  return i32(share >> 32)
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
  } else if (phase == Phase.gather) {
    gatherItems(begin, end)
  } else if (phase == Phase.squash) {
    squashItems(begin, end)
  }
}
