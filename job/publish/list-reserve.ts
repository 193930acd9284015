/** Lists of this length and shorter are made to be shown whole. */
const wholeMax = 20

/**
 * How many items of a list of `k` may be asked for. A tenth of a longer list is a reserve: it moves up where
 * items are hidden, so that an answer still holds as many as were asked for.
 */
export function kMaxOf(k: number): number {
  return k <= wholeMax ? k : k - Math.ceil(k / 10)
}
