import { describe, expect, it } from 'vitest'
import { rowOf, transpose } from '../../job/data/csr-matrix.ts'
import { itemKnnKind } from '../../job/models/item-knn.ts'
import { neighbourLists, type SimilarityOptions } from '../../job/models/item-similarity.ts'
import { randomRatings } from '../engine/linear/random-ratings.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(itemKnnKind, {
  options: { neighbours: 20, shrinkage: 2 },
  epochs: 1,
  random: false,
  refused: [
    { neighbours: 0 },
    { neighbours: 1.5 },
    { shrinkage: -1 },
    { userWeighting: 'tf-idf' },
    { asymmetry: 1.2 },
    { k: 3 },
  ],
  shopFloor: 0.35,
})

describe('neighbours of items', () => {
  const ratings = randomRatings(60, 40, 900)
  const raters = transpose(ratings)
  const cosine: SimilarityOptions = {
    neighbours: 7,
    shrinkage: 0,
    userWeighting: 'none',
    asymmetry: 0.5,
  }
  const weightOf: Record<SimilarityOptions['userWeighting'], (user: number) => number> = {
    none: () => 1,
    unit: (user) => 1 / Math.sqrt(rowOf(ratings, user).length),
    idf: (user) => Math.log(1 + 40 / rowOf(ratings, user).length),
  }
  /** The equation, for one pair of items. */
  const similarity = (j: number, i: number, options: SimilarityOptions) => {
    const square = (user: number) => weightOf[options.userWeighting](user) ** 2
    const length = (item: number) => [...rowOf(raters, item)].reduce((sum, user) => sum + square(user), 0)
    const both = [...rowOf(raters, j)].filter((user) => rowOf(raters, i).includes(user))
    const common = both.reduce((sum, user) => sum + square(user), 0)
    return (
      common / (length(j) ** options.asymmetry * length(i) ** (1 - options.asymmetry) + options.shrinkage)
    )
  }

  for (const [name, options] of Object.entries({
    'plain cosine': cosine,
    'with shrinkage': { ...cosine, shrinkage: 5 },
    'users of unit length': { ...cosine, userWeighting: 'unit' as const },
    'users by rarity, asymmetric': { ...cosine, userWeighting: 'idf' as const, asymmetry: 0.3, shrinkage: 1 },
  })) {
    it(`are those of a full sort of the equation's similarities: ${name}`, async () => {
      const lists = await neighbourLists(ratings, options, async () => {})
      // The last item has nobody, so it is nobody's neighbour and has none.
      for (let j = 0; j < 39; j++) {
        const want = Array.from({ length: 40 }, (_, i) => ({ i, s: Math.fround(similarity(j, i, options)) }))
          .filter(({ i, s }) => i !== j && s > 0)
          .sort((a, b) => b.s - a.s || a.i - b.i)
          .slice(0, 7)
        const got = lists.similarities.subarray(7 * j, 7 * j + want.length)
        expect([...got].map((s) => s.toPrecision(5))).toEqual(want.map(({ s }) => s.toPrecision(5)))
        for (let n = 0; n < want.length; n++) {
          expect(similarity(j, lists.items[7 * j + n], options)).toBeCloseTo(want[n].s, 6)
        }
      }
      expect([...lists.items.subarray(7 * 39)]).toEqual(new Array(7).fill(39))
      expect([...lists.similarities.subarray(7 * 39)]).toEqual(new Array(7).fill(0))
    })
  }
})
