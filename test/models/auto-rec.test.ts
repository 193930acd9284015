import { expect, it } from 'vitest'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { iAutoRecKind } from '../../job/models/i-autorec.ts'
import { uAutoRecKind } from '../../job/models/u-autorec.ts'
import { uiAutoRecKind } from '../../job/models/ui-autorec.ts'
import { checkerboard, modelKindContract } from './model-kind-contract.ts'

const refused = [{ hidden: 0 }, { batch: 0 }, { margin: 0.1 }]
const single = { hidden: 24, l2: 0.0005, learningRate: 0.005, batch: 100 }
for (const kind of [uAutoRecKind, iAutoRecKind]) {
  modelKindContract(kind, {
    options: single,
    epochs: 60,
    random: true,
    refused: [...refused, { l2: -1 }, { learningRate: 0 }],
    shopFloor: 0.2,
  })
}

const both = {
  ...{ hidden: 24, batch: 100 },
  ...{ userL2: 0.0005, userLearningRate: 0.005, userEpochs: null },
  ...{ itemL2: 0.0005, itemLearningRate: 0.005, itemEpochs: null },
}
modelKindContract(uiAutoRecKind, {
  options: both,
  epochs: 60,
  random: true,
  refused: [...refused, { userL2: -1 }, { itemEpochs: 0 }],
  shopFloor: 0.2,
})

it('scores the mean of both halves, each trained alone for its own epochs', async () => {
  const { ratings } = checkerboard(20, 12)
  const users = Uint32Array.of(3, 7)
  const input = { ratings, seed: 1, engine: wasmEngineOn(1), threads: 1 }
  const alone = async (kind: typeof uAutoRecKind, epochs: number) => {
    const model = await kind.create({ ...input, options: single })
    for (let epoch = 1; epoch <= epochs; epoch++) await model.epoch(epoch, async () => {})
    const scores = (await model.scores(users)).slice()
    model.close()
    return scores
  }
  const model = await uiAutoRecKind.create({ ...input, options: { ...both, userEpochs: 2, itemEpochs: 4 } })
  for (let epoch = 1; epoch <= 5; epoch++) await model.epoch(epoch, async () => {})
  const [u, i] = [await alone(uAutoRecKind, 2), await alone(iAutoRecKind, 4)]
  expect((await model.scores(users)).slice()).toEqual(u.map((score, cell) => (score + i[cell]) / 2))
  model.close()
})
