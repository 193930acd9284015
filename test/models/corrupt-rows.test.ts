import { expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import { corruptRows } from '../../job/models/corrupt-rows.ts'

const everyone = Uint32Array.from({ length: 400 }, (_, user) => user)
const count = 400 * 50
const random = new Random(7)
const ratings = csrFromPairs(
  Uint32Array.from({ length: count }, () => random.below(400)),
  Uint32Array.from({ length: count }, () => random.below(90)),
  400,
  90,
)

it('leaves about the share out, and scales what is left so that a row adds up on average', () => {
  for (const share of [0.2, 0.7]) {
    const { kept, scale } = corruptRows(ratings, everyone, share, new Random(1))
    const left = kept.columns.length / ratings.columns.length
    expect(Math.abs(left - (1 - share))).toBeLessThan(0.02)
    expect(scale).toBe(1 / (1 - share))
    expect(Math.abs(left * scale - 1)).toBeLessThan(0.05)
  }
})

it('keeps cells of the rows that it is given, in their order, and no others', () => {
  const rows = Uint32Array.of(17, 3, 250)
  const { kept } = corruptRows(ratings, rows, 0.5, new Random(2))
  expect(kept).toMatchObject({ rowCount: 3, columnCount: 90 })
  rows.forEach((user, n) => {
    const whole = [...rowOf(ratings, user)]
    const own = [...rowOf(kept, n)]
    expect(own.length).toBeGreaterThan(0)
    expect(own.length).toBeLessThan(whole.length)
    expect(whole.filter((item) => own.includes(item))).toEqual(own)
  })
})

it('draws other cells each time, and the same ones from the same stream', () => {
  const stream = new Random(3)
  const first = corruptRows(ratings, everyone, 0.5, stream)
  expect(corruptRows(ratings, everyone, 0.5, stream)).not.toEqual(first)
  expect(corruptRows(ratings, everyone, 0.5, new Random(3))).toEqual(first)
})
