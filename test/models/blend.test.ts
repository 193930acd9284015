import { expect, it } from 'vitest'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { type BlendOptions, blendKind, partKind, partOptions, usualChoice } from '../../job/models/blend.ts'
import { addStandardScores } from '../../job/models/standard-scores.ts'
import { checkerboard, modelKindContract } from './model-kind-contract.ts'

const autoencoder = { hidden: 16, l2: 2, learningRate: 0.01 }
const parts: BlendOptions['parts'] = [
  { model: 'user-autoencoder', options: autoencoder, epochs: 50, weight: 0.5 },
  { model: 'item-autoencoder', options: autoencoder, epochs: 40, weight: 0.2 },
  { model: 'ials', options: { factors: 8, l2: 1 }, epochs: 4, weight: 0.3 },
]

modelKindContract(blendKind, {
  options: { parts },
  epochs: 50,
  random: true,
  refused: [
    { parts: [] },
    { parts: [parts[0], parts[0]] },
    { parts: [{ ...parts[0], model: 'jca' }] },
    { parts: [{ ...parts[0], options: { factors: 8 } }] },
    { parts: [{ ...parts[0], weight: -1 }] },
    { parts: [{ ...parts[0], epochs: 0 }] },
    { parts: parts.map((part) => ({ ...part, weight: 0 })) },
  ],
  shopFloor: 0.3,
})

it('the scores of a blend are the weighted sum of its parts, each fitted for its own epochs', async () => {
  const { ratings } = checkerboard(20, 12)
  const users = Uint32Array.from({ length: 20 }, (_, user) => user)
  const own = { ratings, seed: 1, engine: wasmEngineOn(1), threads: 1 }
  const blend = await blendKind.create({ ...own, options: { parts } })
  for (let epoch = 1; epoch <= 50; epoch++) await blend.epoch(epoch, async () => {})
  const want = new Float32Array(20 * 12)
  for (const part of parts) {
    const model = await partKind(part.model).create({ ...own, options: partOptions(part) })
    for (let epoch = 1; epoch <= (part.epochs ?? 0); epoch++) await model.epoch(epoch, async () => {})
    addStandardScores(want, await model.scores(users), users, ratings, part.weight ?? 0)
  }
  expect(await blend.scores(users)).toEqual(want)
})

it('a part that is for small catalogues is not of a blend for large ones, unless it is asked for', () => {
  const names = (options: unknown, items: number) => {
    const asked = blendKind.options.parse(options)
    const { parts } =
      blendKind.settle?.(asked, { ...checkerboard(4, 4).ratings, columnCount: items }) ?? asked
    return parts.map(({ model }) => model)
  }
  const small = names(blendKind.defaults, 12_000)
  expect(small).toContain('ease')
  expect(names(blendKind.defaults, 12_001)).toEqual(small.filter((name) => name !== 'ease'))
  expect(names({ parts: 'ease' }, 12_001)).toEqual(['ease'])
})

it('what nothing was held out for is taken as usual, and what was given is kept', () => {
  const given = blendKind.defaults.parts.map((part, n) => (n === 0 ? { ...part, epochs: 7 } : part))
  const chosen = usualChoice({ parts: given })
  expect(chosen.parts.map(({ epochs }) => epochs)).toEqual([7, 40, 8, 1, 1, 1])
  expect(chosen.parts.every(({ weight }) => weight > 0)).toBe(true)
})
