import { expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { easeKind } from '../../job/models/ease.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(easeKind, {
  options: { l2: 20 },
  epochs: 1,
  random: false,
  refused: [{ l2: 0 }, { l2: -1 }, { l2: Number.NaN }, { factors: 3 }],
  shopFloor: 0.35,
})

it('refuses more items than a 32-bit memory has room for pairs of, and says how many it takes', async () => {
  const ratings = csrFromPairs(Uint32Array.of(0), Uint32Array.of(0), 1, 30_001)
  const { defaults: options } = easeKind
  await expect(
    easeKind.create({ options, ratings, seed: 1, engine: wasmEngineOn(1), threads: 1 }),
  ).rejects.toMatchObject({ code: 'EASE_ITEMS', message: expect.stringContaining('up to 30000') })
})
