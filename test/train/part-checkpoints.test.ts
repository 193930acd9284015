import { expect, it } from 'vitest'
import { openStore } from '../../job/store/open-store.ts'
import { storedParts } from '../../job/train/part-checkpoints.ts'
import { tempFolder } from '../temp-folder.ts'

const found = {
  part: { model: 'ials', options: { factors: 2 }, epochs: 3 },
  metrics: { precision: 0.1, recall: 0.2, f1: 0.13, ndcg: 0.25 },
  state: {
    step: 3,
    weights: {
      userFactors: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      itemFactors: { shape: [2, 2], data: Float32Array.of(7, 8, 9, 10) },
    },
    memory: {},
  },
}

it('a part is read back by the training that found it, and by no other, whatever its data is by then', async () => {
  const store = openStore(await tempFolder())
  const own = storedParts(store, 'digest', { users: 3, items: 2 })
  expect(await own.load('ials')).toBeUndefined()
  await own.save(found)
  expect(await own.load('ials')).toEqual(found)
  expect(await storedParts(store, 'another', { users: 3, items: 2 }).load('ials')).toBeUndefined()
  // Rows were imported since: the shapes are others, too.
  expect(await storedParts(store, 'another', { users: 5, items: 4 }).load('ials')).toBeUndefined()
})

it('a part of the right training with other shapes is damaged, and said to be', async () => {
  const store = openStore(await tempFolder())
  await storedParts(store, 'digest', { users: 3, items: 2 }).save(found)
  const other = storedParts(store, 'digest', { users: 4, items: 2 })
  await expect(other.load('ials')).rejects.toMatchObject({ code: 'STATE_SHAPE' })
})
