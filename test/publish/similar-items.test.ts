import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { CancelledError } from '../../job/errors.ts'
import { similarItems } from '../../job/publish/similar-items.ts'

type Pair = readonly [user: number, item: number]

const matrixOf = (pairs: readonly Pair[], users: number, items: number) =>
  csrFromPairs(
    Uint32Array.from(pairs, ([user]) => user),
    Uint32Array.from(pairs, ([, item]) => item),
    users,
    items,
  )

/** The same from the definition: sets of users, every pair of items, a full sort. */
function dense(pairs: readonly Pair[], items: number) {
  const usersOf = Array.from(
    { length: items },
    (_, i) => new Set(pairs.filter(([, item]) => item === i).map(([user]) => user)),
  )
  return usersOf.map((own, i) =>
    usersOf
      .map((others, j) => {
        const both = [...own].filter((user) => others.has(user)).length
        const similarity = both / (own.size ** 0.7 * others.size ** 0.3)
        return { item: j, score: j === i || both === 0 ? 0 : Math.fround((similarity * both) / (both + 3)) }
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.item - b.item)
      .slice(0, 30),
  )
}

describe('similarItems', () => {
  it('equals the definition, pair by pair', () => {
    const pair = fc.tuple(fc.nat({ max: 19 }), fc.nat({ max: 39 }))
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 300 }), (pairs) => {
        const lists = similarItems(matrixOf(pairs, 20, 40))
        dense(pairs, 40).forEach((expected, item) => {
          const { items, scores } = lists[item]
          expect([...items]).toHaveLength(expected.length)
          // The two sum in another order: the last digit of a float32 may differ, and with it a tie.
          for (const [rank, { score }] of expected.entries()) expect(scores[rank]).toBeCloseTo(score, 6)
          const scoreOf = new Map(expected.map((entry) => [entry.item, entry.score]))
          const last = expected.at(-1)?.score ?? 0
          items.forEach((other, rank) => {
            expect(other).not.toBe(item)
            expect(scoreOf.get(other) ?? last).toBeCloseTo(scores[rank], 6)
          })
        })
      }),
    )
  })

  it('lets the other item be popular, but only so much', () => {
    // Users 0 to 9 have item 0. Of them four have item 1, which ten more have, and four have item 2, which one more has.
    const pairs: Pair[] = [
      ...Array.from({ length: 10 }, (_, u): Pair => [u, 0]),
      ...[0, 1, 2, 3].flatMap((u): Pair[] => [
        [u, 1],
        [u, 2],
      ]),
      ...Array.from({ length: 10 }, (_, u): Pair => [10 + u, 1]),
      [20, 2],
    ]
    const [list] = similarItems(matrixOf(pairs, 21, 3))
    expect([...list.items]).toEqual([2, 1])
    expect(list.scores[0]).toBeCloseTo((4 / (10 ** 0.7 * 5 ** 0.3)) * (4 / 7), 6)
    expect(list.scores[1]).toBeCloseTo((4 / (10 ** 0.7 * 14 ** 0.3)) * (4 / 7), 6)
  })

  it('of equally similar items the lower index comes first, and 30 are kept', () => {
    const pairs = Array.from({ length: 40 }, (_, item): Pair => [0, item])
    const lists = similarItems(matrixOf(pairs, 1, 40))
    expect([...lists[0].items]).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect([...lists[35].items]).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  it('an item that nobody has, and one whose users have nothing else, have none', () => {
    const lists = similarItems(
      matrixOf(
        [
          [0, 0],
          [1, 2],
        ],
        2,
        3,
      ),
    )
    expect(lists.map(({ items }) => items.length)).toEqual([0, 0, 0])
  })

  it('a history of a thousand counts with 500 of its items, the same each time', () => {
    const pairs = Array.from({ length: 1000 }, (_, item): Pair => [0, item])
    const lists = similarItems(matrixOf(pairs, 1, 1000))
    const withSome = [...lists.keys()].filter((item) => lists[item].items.length > 0)
    expect(withSome).toEqual(Array.from({ length: 500 }, (_, n) => 2 * n))
    expect(similarItems(matrixOf(pairs, 1, 1000))).toEqual(lists)
  })

  it('stops where the publication is cancelled', () => {
    expect(() => similarItems(matrixOf([[0, 0]], 1, 1), AbortSignal.abort())).toThrow(CancelledError)
  })
})
