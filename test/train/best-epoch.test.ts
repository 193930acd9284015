import { expect, it } from 'vitest'
import { without } from '../../job/data/csr-matrix.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { ialsKind } from '../../job/models/ials.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { searchBestEpoch } from '../../job/train/best-epoch.ts'
import { drawHoldout } from '../../job/train/holdout.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

it('a search ends after its patience where a rival had clearly more by then, and not where it had a little more', async () => {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()))
  const all = await readRatings(dataset)
  const heldOut = drawHoldout(all, 0.1, 1)
  const ratings = without(all, heldOut)
  const watch = { label: '', progress: silentProgress, signal: undefined, resumeHint: '' }
  const search = async (rival?: number[]) => {
    const options = { ...ialsKind.defaults, factors: 8 }
    const model = await ialsKind.create({ options, ratings, seed: 1, engine: wasmEngineOn(1), threads: 1 })
    try {
      const habits = { epochs: 12, evalEvery: 2, patience: 4, rival }
      return await searchBestEpoch(model, { ratings, heldOut }, habits, watch)
    } finally {
      model.close()
    }
  }
  const alone = await search()
  expect(alone.lastEpoch).toBeGreaterThan(4)
  expect(alone.looks).toHaveLength(alone.lastEpoch / 2)
  expect(alone.looks.at(-1)).toBe(alone.metrics.ndcg)
  const ahead = (by: number) => alone.looks.map((ndcg) => by * ndcg)
  expect(await search(ahead(1.02))).toEqual(alone)
  expect((await search(ahead(1.04))).lastEpoch).toBe(4)
})
