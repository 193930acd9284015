/**
 * The most rows of a phase that a thread takes at a time. Gradients are gathered for a whole lot before Adam runs over
 * it: so many that the rows that they are gathered from come into the second-level cache once for all of them.
 */
export const lots = {
  encode: 16,
  decodeUsers: 16,
  decodeItems: 16,
  differentiate: 64,
  delta: 16,
  update: 256,
  score: 16,
  rank: 16,
  gather: 64,
  squash: 64,
}
