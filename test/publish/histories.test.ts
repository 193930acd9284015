import { rm } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RowRules } from '../../job/data/row-rules.ts'
import { historyMax, readHistories } from '../../job/publish/histories.ts'
import { openStore } from '../../job/store/open-store.ts'
import { makeDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'
import { type MadeData, makeRun } from './made-run.ts'

const itemCount = 80

async function historiesOf(histories: MadeData['users'][number]['history'][], partRows: number) {
  const { dataset, folder } = await makeRun({
    versionId: '20260423T031500Z-aaaaaa',
    k: 1,
    partRows,
    users: histories.map((history, u) => ({ id: `user-${u}`, history, list: [0] })),
    items: Array.from({ length: itemCount }, (_, i) => ({ id: `item-${i}` })),
  })
  const read = await readHistories(dataset, dataset.extent, histories.length, (userIndex) => userIndex)
  await rm(folder, { recursive: true })
  return histories.map((_, row) =>
    Array.from(read.items.subarray(row * historyMax, row * historyMax + (read.lengths[row] as number))),
  )
}

/** The definition, plainly: sort by time, of equal times the later row first; then keep each item's first. */
function plainHistory(rows: { item: number; time?: number }[]): number[] {
  const newestFirst = rows
    .map((row, order) => ({ item: row.item, time: row.time ?? order, order }))
    .sort((a, b) => b.time - a.time || b.order - a.order)
  return [...new Set(newestFirst.map((row) => row.item))].slice(0, historyMax)
}

const item = fc.nat({ max: itemCount - 1 })

test('without times the latest row is the newest; repeats are folded; 50 stay', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(
          item.map((i) => ({ item: i })),
          { maxLength: 200 },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      fc.integer({ min: 1, max: 300 }),
      async (histories, partRows) => {
        expect(await historiesOf(histories, partRows)).toEqual(histories.map(plainHistory))
      },
    ),
    { numRuns: 25 },
  )
})

test('with times the newest time is the newest, however the rows lie', async () => {
  const row = fc.record({ item, time: fc.nat({ max: 100 }) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 3 }),
      async (histories) => {
        expect(await historiesOf(histories, 1000)).toEqual(histories.map(plainHistory))
      },
    ),
    { numRuns: 25 },
  )
})

test('rows that are too light, or too old, are no history', async () => {
  const dataset = await makeDataset(openStore(await tempFolder()), {
    userIds: ['a'],
    itemIds: ['x', 'y', 'z'],
    parts: [{ users: [0, 0, 0, 0], items: [0, 1, 2, 0], weights: [1, 0.2, 1, 0.2], times: [1, 2, 3, 4] }],
  })
  const historyOf = async (rules: RowRules) => {
    const { items, lengths } = await readHistories(dataset, dataset.extent, 1, (user) => user, rules)
    return [...items.subarray(0, lengths[0])]
  }
  expect(await historyOf({ since: null, minWeight: null })).toEqual([0, 2, 1])
  expect(await historyOf({ since: null, minWeight: 1 })).toEqual([2, 0])
  expect(await historyOf({ since: 3, minWeight: 1 })).toEqual([2])
})
