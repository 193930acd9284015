import * as z from 'zod'
import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'
import type { ModelKind } from './model.ts'
import { listLength, type NeighbourLists, nearestItems } from './nearest-items.ts'
import { neighbourModel, neighbourShapes } from './neighbour-model.ts'

interface Rp3betaOptions {
  neighbours: number
  /** Exponent of the probabilities of a step: the higher, the less who has much, and what many have, says. */
  alpha: number
  /** Exponent of an item's popularity that its score is divided by. */
  beta: number
}

/**
 * RP3beta: where a walk of three steps from a user ends, to an item of theirs, to somebody who has it too, to an item of
 * that one, with what is popular anyway marked down.
 *
 *   score(u, j) = sum over u's items i that are among j's neighbours of s(j, i)
 *   s(j, i)     = sum over users v with both of n_v^-alpha / (n_i^alpha n_j^beta)
 *
 * with n_v a user's items and n_i an item's users. The first step's probability is the same for all of a user's items, and
 * left out. With a high beta its lists are poor alone and unlike all others', which is worth something beside them.
 *
 * @see Paudel, Christoffel, Newell, Bernstein: Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive
 *   Applications, ACM TiiS 7(1), 2017
 * @see Cooper, Lee, Radzik, Siantos: Random Walks in Recommender Systems: Exact Computation and Simulations, WWW 2014 (alpha)
 */
export const rp3betaKind: ModelKind<Rp3betaOptions> = {
  name: 'rp3beta',
  about: 'walks of three steps, popular items marked down (Paudel and others, TiiS 2017)',
  options: z.strictObject({
    neighbours: z.number().int().min(1).max(10_000),
    alpha: z.number().min(0).max(3),
    beta: z.number().min(0).max(3),
  }),
  defaults: { neighbours: 200, alpha: 0.6, beta: 0.3 },
  space: {
    neighbours: { values: [20, 50, 100, 200, 500, 1000] },
    alpha: { from: 0.2, to: 1.6, by: 'linear' },
    beta: { from: 0, to: 1, by: 'linear' },
  },
  runsOn: 'cpu',
  oneEpoch: true,
  shapes: neighbourShapes,
  create: async (input) => neighbourModel(input, (watch) => walkEnds(input.ratings, input.options, watch)),
}

function walkEnds(
  ratings: CsrMatrix,
  { neighbours, alpha, beta }: Rp3betaOptions,
  watch: (done: number, of: number) => Promise<void>,
): Promise<NeighbourLists> {
  const powersOf = ({ rowCount, rowOffsets }: CsrMatrix, exponent: number) =>
    Float64Array.from({ length: rowCount }, (_, row) => (rowOffsets[row + 1] - rowOffsets[row]) ** -exponent)
  const raters = transpose(ratings)
  const from = powersOf(raters, alpha)
  const marked = powersOf(raters, beta)
  return nearestItems(
    ratings,
    powersOf(ratings, alpha),
    (common, j, i) => common * from[i] * marked[j],
    listLength(neighbours, ratings.columnCount),
    watch,
  )
}
