// The engine's kernels. Each works on a range of rows that the caller owns, reads its pointers from the slots of
// layout.ts, allocates nothing and calls nothing outside.
export { deltaOfItems, deltaOfUsers, updateHiddenBiases, updateItems, updateUsers } from './backward'
export { decodePairs, sortCellsByItem } from './decode'
export { encodeItems, encodeUsers } from './encode'
export { scoreRows } from './score'
