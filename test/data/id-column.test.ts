import { Utf8, type Vector, vectorFromArray } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { IdColumn } from '../../job/data/id-column.ts'

const column = (...chunks: string[][]): Vector<Utf8> =>
  chunks.map((ids) => vectorFromArray(ids, new Utf8())).reduce((all, chunk) => all.concat(chunk))

const all = (ids: IdColumn) => Array.from({ length: ids.length }, (_, index) => ids.at(index))

describe('ids that are decoded when asked for', () => {
  const ids = new IdColumn(column(['a', 'ß'], ['\uFEFFc'], ['d', 'e']), 4, Uint32Array.of(1, 4))

  it('come from any chunk, forwards and back, and end where the dataset did', () => {
    expect(all(ids)).toEqual(['a', '', '\uFEFFc', 'd'])
    expect([3, 0, 2].map((index) => ids.at(index))).toEqual(['d', 'a', '\uFEFFc'])
    expect(() => ids.at(4)).toThrow(RangeError)
    expect(() => ids.at(-1)).toThrow(RangeError)
  })

  it('count the forgotten among them, not those behind the end', () => {
    expect(ids.forgottenCount).toBe(1)
  })
})
