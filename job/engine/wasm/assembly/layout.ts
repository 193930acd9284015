// Where everything lies in the shared memory. The orchestrator (slots.ts above this folder) writes one word
// per slot at the start of the memory; the kernels read them. All pointers are in bytes, rows are `stride`
// bytes apart: the hidden size rounded up to a whole number of vectors, with zeros behind it.

export const enum Slot {
  users,
  items,
  hidden,
  stride,
  flags,
  loss,
  margin,
  learningRate,
  l2,
  beta1,
  beta2,
  epsilon,
  scale,
  // R by users and by items.
  ratingOffsets,
  ratingItems,
  raterOffsets,
  raterUsers,
  // Parameters: weights, then first and then second moments.
  userEncoder,
  userHiddenBias,
  userDecoder,
  userOutputBias,
  itemEncoder,
  itemHiddenBias,
  itemDecoder,
  itemOutputBias,
  itemFactor,
  userVector,
  // The block.
  blockUsers,
  blockUserCount,
  blockItems,
  blockItemCount,
  localUser,
  localItem,
  pairOffsets,
  cells,
  // What the user component reads of the block's users, and by which of them each item is read; 0 where that is R.
  inputOffsets,
  inputItems,
  inputByItemOffsets,
  inputByItemUsers,
  // What a cell of the input counts.
  inputScale,
  // Work space of the block.
  hiddenUsers,
  hiddenItems,
  sumItems,
  deltaUsers,
  deltaItems,
  factorGradients,
  userLoss,
  activeCounts,
  cellUserGradients,
  cellItemGradients,
  itemOffsets,
  itemCellUsers,
  itemCellUserGradients,
  itemCellItemGradients,
  // Scores and rankings.
  scores,
  scoreRowBytes,
  topCount,
  topItems,
  topScores,
  topLengths,
  maskOffsets,
  maskItems,
  // Work space of each thread, one behind the other.
  indexScratch,
  indexScratchBytes,
  gradientScratch,
  gradientScratchBytes,
  zeroRow,
  scoreScratch,
  scoreScratchBytes,
}

export const userComponent: i32 = 1
export const itemComponent: i32 = 2
export const itemFactor: i32 = 4
export const userVector: i32 = 8

// @ts-ignore: decorator
@inline
export function word(slot: Slot): i32 {
  return load<i32>(<usize>slot << 2)
}

// @ts-ignore: decorator
@inline
export function pointer(slot: Slot): usize {
  return load<usize>(<usize>slot << 2)
}

// @ts-ignore: decorator
@inline
export function real(slot: Slot): f32 {
  return load<f32>(<usize>slot << 2)
}

// @ts-ignore: decorator
@inline
export function has(part: i32): bool {
  return (word(Slot.flags) & part) != 0
}

// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2)
}

// @ts-ignore: decorator
@inline
export function row(base: usize, index: i32, stride: usize): usize {
  return base + <usize>index * stride
}
