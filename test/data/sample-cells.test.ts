import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import { sampleCells } from '../../job/data/sample-cells.ts'

/** Users with nothing, a little, nearly everything, and everything. */
function smallRatings() {
  const itemCount = 30
  const pairs: [number, number][] = []
  for (let user = 1; user < 20; user++) {
    for (let item = 0; item < itemCount; item++) {
      if (user === 19 || (user === 18 ? item !== 4 : (user * 7 + item * 3) % 11 < user / 4))
        pairs.push([user, item])
    }
  }
  return csrFromPairs(
    Uint32Array.from(pairs, ([user]) => user),
    Uint32Array.from(pairs, ([, item]) => item),
    20,
    itemCount,
  )
}

describe('sampleCells', () => {
  const ratings = smallRatings()
  const sample = sampleCells(ratings, 3, new Random(1, 2))

  it('has every observed cell once, but for those of a user who has every item', () => {
    const want: string[] = []
    for (let user = 0; user < 19; user++)
      for (const item of rowOf(ratings, user)) want.push(`${user} ${item}`)
    const cells = [...sample.users].map((user, cell) => `${user} ${sample.items[4 * cell]}`)
    expect(cells).not.toEqual(want)
    expect([...cells].sort()).toEqual(want.sort())
  })

  it('never draws a negative that the user has', () => {
    expect(sample.items.length).toBe(4 * sample.users.length)
    sample.users.forEach((user, cell) => {
      for (let n = 1; n < 4; n++) expect([...rowOf(ratings, user)]).not.toContain(sample.items[4 * cell + n])
    })
  })

  it('draws the same for the same stream, and each unobserved item about as often', () => {
    expect(sampleCells(ratings, 3, new Random(1, 2))).toEqual(sample)
    expect(sampleCells(ratings, 3, new Random(1, 3))).not.toEqual(sample)
    // A user with 10 of 30 items, a thousand negatives for each.
    const one = csrFromPairs(
      new Uint32Array(10),
      Uint32Array.from({ length: 10 }, (_, n) => 3 * n),
      1,
      30,
    )
    const { items } = sampleCells(one, 1000, new Random(5))
    const drawn = new Uint32Array(30)
    items.forEach((item, at) => {
      if (at % 1001 !== 0) drawn[item]++
    })
    for (let item = 0; item < 30; item++) {
      // 10,000 draws among 20 items: 500 each, with a deviation of 22.
      if (item % 3 === 0) expect(drawn[item]).toBe(0)
      else expect(Math.abs(drawn[item] - 500)).toBeLessThan(110)
    }
  })
})
