import * as z from 'zod'
import { neighbourLists, type SimilarityOptions } from './item-similarity.ts'
import type { ModelKind } from './model.ts'
import { neighbourModel, neighbourShapes } from './neighbour-model.ts'

/**
 * ItemKNN: items like those that a user has.
 *
 *   score(u, j) = sum over u's items i that are among j's neighbours of s(j, i)
 *
 * The neighbours of an item are those most similar to it, by the cosine of their columns of R with shrinkage
 * (item-similarity.ts). Their lists are what is learned.
 *
 * @see Sarwar, Karypis, Konstan, Riedl: Item-Based Collaborative Filtering Recommendation Algorithms, WWW 2001
 * @see Deshpande, Karypis: Item-Based Top-N Recommendation Algorithms, ACM TOIS 22(1), 2004 (users of unit length)
 */
export const itemKnnKind: ModelKind<SimilarityOptions> = {
  name: 'item-knn',
  about: 'the most similar items by cosine (Sarwar and others, WWW 2001; Deshpande, Karypis, TOIS 2004)',
  options: z.strictObject({
    neighbours: z.number().int().min(1).max(10_000),
    shrinkage: z.number().min(0),
    userWeighting: z.enum(['none', 'unit', 'idf']),
    asymmetry: z.number().min(0).max(1),
  }),
  defaults: { neighbours: 200, shrinkage: 10, userWeighting: 'none', asymmetry: 0.5 },
  space: {
    neighbours: { values: [20, 50, 100, 200, 500, 1000] },
    shrinkage: { values: [0, 1, 3, 10, 30, 100] },
    userWeighting: { values: ['none', 'unit', 'idf'] },
    asymmetry: { from: 0.2, to: 0.8, by: 'linear' },
  },
  runsOn: 'cpu',
  oneEpoch: true,
  shapes: neighbourShapes,
  create: async (input) =>
    neighbourModel(input, (watch) => neighbourLists(input.ratings, input.options, watch)),
}
