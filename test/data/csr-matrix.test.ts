import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CsrMatrix,
  csrFromPairs,
  intersection,
  rowOf,
  transpose,
  union,
  without,
} from '../../job/data/csr-matrix.ts'

const shape = { rows: 7, columns: 9 }
const pair = fc.tuple(fc.nat(shape.rows - 1), fc.nat(shape.columns - 1))
const pairs = fc.array(pair, { maxLength: 60 })

function build(list: [number, number][]): CsrMatrix {
  const rows = Uint32Array.from(list, ([row]) => row)
  const columns = Uint32Array.from(list, ([, column]) => column)
  return csrFromPairs(rows, columns, shape.rows, shape.columns)
}

function setOf(matrix: CsrMatrix): string[] {
  const found: string[] = []
  for (let row = 0; row < matrix.rowCount; row++) {
    for (const column of rowOf(matrix, row)) found.push(`${row},${column}`)
  }
  return found
}

describe('csrFromPairs', () => {
  it('holds each pair once, rows in order, columns ascending', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const expected = [...new Set(list.map(([r, c]) => `${r},${c}`))].sort()
        expect(setOf(build(list))).toEqual(expected)
      }),
    )
  })

  it('does not depend on the order of the pairs', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        expect(build([...list].reverse())).toEqual(build(list))
      }),
    )
  })
})

it('transposing twice is the identity', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const matrix = build(list)
      expect(transpose(transpose(matrix))).toEqual(matrix)
      expect(
        setOf(transpose(matrix))
          .map((p) => p.split(',').reverse().join())
          .sort(),
      ).toEqual(setOf(matrix))
    }),
  )
})

it('union, intersection and without are those of sets', () => {
  fc.assert(
    fc.property(pairs, pairs, (left, right) => {
      const a = build(left)
      const b = build(right)
      const inB = new Set(setOf(b))
      expect(setOf(union(a, b))).toEqual([...new Set([...setOf(a), ...setOf(b)])].sort())
      expect(setOf(intersection(a, b))).toEqual(setOf(a).filter((p) => inB.has(p)))
      expect(setOf(without(a, b))).toEqual(setOf(a).filter((p) => !inB.has(p)))
    }),
  )
})
