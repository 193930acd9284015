import { expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { type Ranker, topKOfScores } from '../../job/engine/top-k.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'

const csr = (pairs: [number, number][]) =>
  csrFromPairs(
    Uint32Array.from(pairs, (p) => p[0]),
    Uint32Array.from(pairs, (p) => p[1]),
    3,
    4,
  )

/** Everybody is offered item 3 first, then 2, 1, 0. */
const descending: Ranker = {
  topK: async (users, k, masked) =>
    topKOfScores(Float32Array.from([...users].flatMap(() => [0, 1, 2, 3])), users, k, masked),
}

it('masks what is known, averages over users with something held out, counts unknown items', async () => {
  const known = csr([
    [0, 3],
    [2, 0],
  ])
  const pairs = csr([
    [0, 2],
    [2, 3],
  ])
  // User 0 has item 3: its list is 2, 1. User 1 has nothing held out. User 2: list 3, 2, and one item that
  // the model has never heard of.
  const { users, metrics } = await evaluate(
    descending,
    known,
    { pairs, unknownItems: Uint32Array.of(0, 0, 1) },
    [1, 2],
  )
  expect(users).toBe(2)
  expect(metrics['1'].precision).toBeCloseTo((1 + 1) / 2, 12)
  expect(metrics['1'].recall).toBeCloseTo((1 / 1 + 1 / 2) / 2, 12)
  expect(metrics['2'].precision).toBeCloseTo((1 / 2 + 1 / 2) / 2, 12)
  expect(metrics['2'].ndcg).toBeCloseTo((1 + 1 / (1 + 1 / Math.log2(3))) / 2, 12)
})

it('an item that stands in train and in test stays in the denominator and cannot be hit', async () => {
  const known = csr([[0, 3]])
  const { metrics } = await evaluate(
    descending,
    known,
    {
      pairs: csr([
        [0, 3],
        [0, 2],
      ]),
    },
    [4],
  )
  expect(metrics['4'].recall).toBeCloseTo(1 / 2, 12)
})
