import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { newRows } from '../../job/gate/new-rows.ts'
import { openStore } from '../../job/store/open-store.ts'
import { makeDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

const ids = (count: number) => Array.from({ length: count }, (_, n) => `id-${n}`)
const nothing = csrFromPairs(new Uint32Array(), new Uint32Array(), 2, 3)

describe('new rows', () => {
  it('are those imported since, of users and items of that time, and new to the user', async () => {
    const dataset = await makeDataset(openStore(await tempFolder()), {
      userIds: ids(3),
      itemIds: ids(4),
      parts: [
        { users: [0, 1], items: [0, 1] },
        // Item 1 twice; what user 0 has already; a user and an item that came later.
        { users: [0, 0, 0, 2, 1], items: [1, 1, 0, 1, 3] },
      ],
    })
    const known = csrFromPairs(Uint32Array.from([0, 1]), Uint32Array.from([0, 1]), 2, 3)
    const fresh = await newRows(dataset, { users: 2, items: 3, parts: 1 }, known, null)
    expect([...rowOf(fresh, 0)]).toEqual([1])
    expect(fresh).toMatchObject({ rowCount: 2, columnCount: 3, rowOffsets: Uint32Array.from([0, 1, 1]) })
  })

  it('of too little weight do not count, nor those without any where a weight is asked for: no training takes them', async () => {
    const dataset = await makeDataset(openStore(await tempFolder()), {
      userIds: ids(2),
      itemIds: ids(3),
      parts: [
        { users: [], items: [] },
        { users: [0, 1], items: [0, 1], weights: [1, 0.2] },
        { users: [1], items: [2] },
      ],
    })
    const before = { users: 2, items: 3, parts: 1 }
    expect([...(await newRows(dataset, before, nothing, 1)).columns]).toEqual([0])
    expect([...(await newRows(dataset, before, nothing, null)).columns]).toEqual([0, 1, 2])
  })
})
