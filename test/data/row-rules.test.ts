import { describe, expect, it } from 'vitest'
import { rowOf } from '../../job/data/csr-matrix.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { newestMoment, rowRules } from '../../job/data/row-rules.ts'
import { openStore } from '../../job/store/open-store.ts'
import { makeDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

const day = (n: number) => Date.parse('2026-01-01T00:00:00Z') + n * 86_400_000
const make = async (importedAt: string, times: number[][], weights?: number[][]) =>
  makeDataset(openStore(await tempFolder()), {
    userIds: ['a', 'b'],
    itemIds: ['x', 'y', 'z'],
    importedAt,
    parts: times.map((own, p) => ({
      users: own.map((_, i) => i % 2),
      items: own.map((_, i) => i % 3),
      times: own,
      ...(weights === undefined ? {} : { weights: weights[p] }),
    })),
  })
const rowsOf = async (
  dataset: Awaited<ReturnType<typeof make>>,
  rules: Parameters<typeof readRatings>[2],
) => {
  const matrix = await readRatings(dataset, dataset.extent, rules)
  return [0, 1].map((user) => [...rowOf(matrix, user)])
}
const none = { windowDays: null, minWeight: null }

describe('which rows count', () => {
  it('a window counts back from the newest row, its first moment included', async () => {
    const dataset = await make('2026-03-01T00:00:00Z', [
      [day(0), day(10)],
      [day(19), day(20)],
    ])
    const rules = await rowRules(dataset, dataset.extent, { ...none, windowDays: 10 })
    expect(rules).toEqual({ since: day(10), minWeight: null })
    expect(await rowsOf(dataset, rules)).toEqual([[0], [1]])
    expect(await rowsOf(dataset, { since: day(10) + 1, minWeight: null })).toEqual([[0], [1]])
    expect(await rowsOf(dataset, { since: day(20), minWeight: null })).toEqual([[], [1]])
  })

  it('counts back from the newest row of an earlier extent', async () => {
    const dataset = await make('2026-03-01T00:00:00Z', [
      [day(0), day(10)],
      [day(19), day(20)],
    ])
    const earlier = { ...dataset.extent, parts: 1 }
    expect((await rowRules(dataset, earlier, { ...none, windowDays: 3 })).since).toBe(day(7))
  })

  it('a row of the far future moves the window no further than the newest import', async () => {
    const dataset = await make(new Date(day(21)).toISOString(), [[day(15), day(20), day(90_000)]])
    expect(await newestMoment(dataset, dataset.extent)).toBe(day(21))
    const rules = await rowRules(dataset, dataset.extent, { ...none, windowDays: 3 })
    expect(await rowsOf(dataset, rules)).toEqual([[2], [1]])
  })

  it('a least weight leaves lighter rows out, and keeps those of just that weight', async () => {
    const dataset = await make('2026-03-01T00:00:00Z', [[1, 2, 3]], [[0.2, 1, 0.5]])
    expect(await rowsOf(dataset, { since: null, minWeight: 0.5 })).toEqual([[2], [1]])
    expect(await rowRules(dataset, dataset.extent, { ...none, minWeight: 0.5 })).toEqual({
      since: null,
      minWeight: 0.5,
    })
  })

  it('a dataset without times has no window, one without weights no least weight', async () => {
    const plain = await makeDataset(openStore(await tempFolder()), {
      userIds: ['a'],
      itemIds: ['x'],
      parts: [{ users: [0], items: [0] }],
    })
    const asked = (options: typeof none | { windowDays: number; minWeight: number }) =>
      rowRules(plain, plain.extent, { ...none, ...options })
    await expect(asked({ windowDays: 1, minWeight: 1 })).rejects.toMatchObject({ code: 'ROWS_NO_WEIGHTS' })
    await expect(rowRules(plain, plain.extent, { ...none, windowDays: 1 })).rejects.toMatchObject({
      code: 'ROWS_NO_TIMES',
      fix: expect.stringContaining('--time-column'),
    })
    expect(await newestMoment(plain, plain.extent)).toBe(Date.parse('2026-04-23T03:15:00.000Z'))
  })
})
