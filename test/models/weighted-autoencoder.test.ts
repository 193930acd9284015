import { describe, expect, it } from 'vitest'
import { rowOf, transpose } from '../../job/data/csr-matrix.ts'
import { foldIn } from '../../job/engine/fold-in/fold-in-weights.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { itemAutoencoderKind, userAutoencoderKind } from '../../job/models/weighted-autoencoder.ts'
import { checkerboard, modelKindContract } from './model-kind-contract.ts'

const kinds = [userAutoencoderKind, itemAutoencoderKind]

for (const kind of kinds) {
  modelKindContract(kind, {
    options: { hidden: 12, l2: 1, learningRate: 0.01 },
    epochs: 60,
    random: true,
    refused: [
      { hidden: 0 },
      { unobserved: 0 },
      { unobserved: 2 },
      { dropout: 1 },
      { l2: -1 },
      { learningRate: 0 },
    ],
    shopOptions: { hidden: 32, l2: 4, learningRate: 0.01 },
    shopFloor: 0.3,
  })
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
  it('scores by the equation, over the rows of its side', async () => {
    const { ratings } = checkerboard(20, 12, { emptyUsers: 1, emptyItems: 1 })
    const options = { ...kind.defaults, hidden: 6, l2: 1 }
    const model = await kind.create({ options, ratings, seed: 1, engine: wasmEngineOn(1), threads: 1 })
    for (let epoch = 1; epoch <= 4; epoch++) await model.epoch(epoch, async () => {})
    const { weights } = await model.state()
    const { encoder, hiddenBias, decoder, outputBias } = weights
    const plain = {
      ...{ items: outputBias.data.length, hidden: 6, encoder: encoder.data, hiddenBias: hiddenBias.data },
      ...{ decoder: decoder.data, outputBias: outputBias.data },
    }
    const scores = await model.scores(Uint32Array.of(3, 20))
    const rows = name === 'user-autoencoder' ? ratings : transpose(ratings)
    for (const [n, user] of [3, 20].entries()) {
      for (let item = 0; item < 13; item++) {
        const [row, column] = name === 'user-autoencoder' ? [user, item] : [item, user]
        expect(scores[n * 13 + item]).toBeCloseTo(foldIn(plain, rowOf(rows, row))[column], 5)
      }
    }
  })

  it('leaves its L2 to the data, by the root of the mean column', () => {
    const { ratings } = checkerboard(20, 12)
    const columns = name === 'user-autoencoder' ? 12 : 20
    expect(kind.settle(kind.defaults, ratings).l2).toBeCloseTo(1.7 * Math.sqrt(100 / columns), 6)
    expect(kind.settle({ ...kind.defaults, l2: 3 }, ratings).l2).toBe(3)
  })
})
