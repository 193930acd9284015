/**
 * The words at the start of the engine's memory, in the order of `Slot` in assembly/layout.ts (a test compares
 * the two).
 */
export const slotNames = [
  'users',
  'items',
  'hidden',
  'stride',
  'flags',
  'loss',
  'margin',
  'learningRate',
  'l2',
  'beta1',
  'beta2',
  'epsilon',
  'scale',
  'ratingOffsets',
  'ratingItems',
  'raterOffsets',
  'raterUsers',
  'userEncoder',
  'userHiddenBias',
  'userDecoder',
  'userOutputBias',
  'itemEncoder',
  'itemHiddenBias',
  'itemDecoder',
  'itemOutputBias',
  'itemFactor',
  'userVector',
  'blockUsers',
  'blockUserCount',
  'blockItems',
  'blockItemCount',
  'localUser',
  'localItem',
  'pairOffsets',
  'cells',
  'inputOffsets',
  'inputItems',
  'inputByItemOffsets',
  'inputByItemUsers',
  'inputScale',
  'hiddenUsers',
  'hiddenItems',
  'sumItems',
  'deltaUsers',
  'deltaItems',
  'factorGradients',
  'userLoss',
  'activeCounts',
  'cellUserGradients',
  'cellItemGradients',
  'itemOffsets',
  'itemCellUsers',
  'itemCellUserGradients',
  'itemCellItemGradients',
  'scores',
  'scoreRowBytes',
  'topCount',
  'topItems',
  'topScores',
  'topLengths',
  'maskOffsets',
  'maskItems',
  'indexScratch',
  'indexScratchBytes',
  'gradientScratch',
  'gradientScratchBytes',
  'zeroRow',
  'scoreScratch',
  'scoreScratchBytes',
] as const

export type SlotName = (typeof slotNames)[number]

export const slotIndex = Object.fromEntries(slotNames.map((name, index) => [name, index])) as Record<
  SlotName,
  number
>

/** Bits of the `flags` word. */
export const flagBits = { userComponent: 1, itemComponent: 2, itemFactor: 4, userVector: 8 } as const

/** The numbers of the `loss` word. */
export const lossKinds = { hinge: 0, mse: 1, bpr: 2 } as const

/** The phases that a crew works on, in the order of `Phase` in assembly/crew.ts. */
export const phases = {
  stop: 0,
  encode: 1,
  decodeUsers: 2,
  decodeItems: 3,
  differentiate: 4,
  delta: 5,
  update: 6,
  score: 7,
  rank: 8,
  gather: 9,
  squash: 10,
} as const
