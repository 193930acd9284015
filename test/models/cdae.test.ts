import { expect, it } from 'vitest'
import type { CsrMatrix } from '../../job/data/csr-matrix.ts'
import type { Engine } from '../../job/engine/engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { cdaeKind } from '../../job/models/cdae.ts'
import { uAutoRecKind } from '../../job/models/u-autorec.ts'
import { checkerboard, modelKindContract } from './model-kind-contract.ts'

const options = { hidden: 24, l2: 0.0005, learningRate: 0.005, batch: 100 }
modelKindContract(cdaeKind, {
  options: { ...options, corruption: 0.2 },
  epochs: 60,
  random: true,
  refused: [
    { hidden: 0 },
    { batch: 0 },
    { margin: 0.1 },
    { l2: -1 },
    { corruption: 1 },
    { corruption: -0.1 },
  ],
  shopFloor: 0.2,
})

/** The wasm engine, told that users have no vectors. */
const withoutVectors: Engine = {
  ...wasmEngineOn(1),
  create: (spec, ratings, state) =>
    wasmEngineOn(1).create({ ...spec, userVector: false }, ratings, {
      ...state,
      weights: { ...state.weights, 'user.vector': { shape: [0], data: new Float32Array() } },
      firstMoments: { ...state.firstMoments, 'user.vector': { shape: [0], data: new Float32Array() } },
      secondMoments: { ...state.secondMoments, 'user.vector': { shape: [0], data: new Float32Array() } },
    }),
}

it('is U-AutoRec, to the bit, where it has no vectors and nothing is left out', async () => {
  const { ratings } = checkerboard(45, 23)
  const scores = async (kind: typeof cdaeKind | typeof uAutoRecKind, engine: Engine, more: object) => {
    const input = { ratings, seed: 1, engine, threads: 1 }
    const model = await kind.create({ ...input, options: { ...options, batch: 10, ...more } as never })
    for (let epoch = 1; epoch <= 3; epoch++) await model.epoch(epoch, async () => {})
    const result = (await model.scores(everyUser(ratings))).slice()
    model.close()
    return result
  }
  const plain = await scores(uAutoRecKind, wasmEngineOn(1), {})
  expect(await scores(cdaeKind, withoutVectors, { corruption: 0 })).toEqual(plain)
  expect(await scores(cdaeKind, withoutVectors, { corruption: 0.2 })).not.toEqual(plain)
  expect(await scores(cdaeKind, wasmEngineOn(1), { corruption: 0 })).not.toEqual(plain)
})

function everyUser(ratings: CsrMatrix): Uint32Array {
  return Uint32Array.from({ length: ratings.rowCount }, (_, user) => user)
}
