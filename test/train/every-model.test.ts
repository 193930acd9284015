import { describe, expect, it } from 'vitest'
import { rowRange } from '../../job/data/csr-matrix.ts'
import type { Dataset } from '../../job/data/dataset.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { modelKinds } from '../../job/models/model-kinds.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import type { Store } from '../../job/store/store.ts'
import { presetOptions } from '../../job/train/train-options.ts'
import { type TrainRunOptions, trainRun } from '../../job/train/train-run.ts'
import { openRangeRanker, openTrainedModel } from '../../job/train/trained-model.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

/** Small enough to be quick, whatever the model calls its options; where it refuses one, its default stays. */
const small: Record<string, unknown> = {
  ...{ hidden: 8, factors: 8, batch: 100, batchUsers: 100, batchItems: 100, neighbours: 10 },
  // Of a blend: two parts, their epochs and weights left to the search.
  parts: [
    { model: 'item-autoencoder', options: { hidden: 8 }, epochs: null, weight: null },
    { model: 'ials', options: { factors: 8 }, epochs: null, weight: null },
  ],
}

describe.each(modelKinds.map((kind) => [kind.name, kind] as const))('a run of %s', (_, kind) => {
  const preset = presetOptions('best', kind)
  const accepts = ([name, value]: [string, unknown]) =>
    name in preset && kind.options.safeParse({ ...kind.defaults, [name]: value }).success
  const own = Object.fromEntries(Object.entries(small).filter(accepts))
  const quick = kind.oneEpoch ? {} : { epochs: 6, evalEvery: 2, patience: 2, checkpointEvery: 1 }
  const options = { ...preset, ...own, ...quick }
  const train = (dataset: Dataset, store: Store, more: Partial<TrainRunOptions> = {}) =>
    trainRun({
      ...{ dataset, store, options, engine: wasmEngine, resume: false, overwrite: false },
      ...{ clock: new ManualClock('2026-04-23T03:15:00Z'), progress: silentProgress, ...more },
    })
  const shop = async () => (await makeShopDataset(openStore(await tempFolder()))).dataset
  const weights = (store: Store) => store.read('model/weights.safetensors')

  it('is opened again, and ranks ranges of users as it ranks all of them', async () => {
    const dataset = await shop()
    const run = await train(dataset, openStore(await tempFolder()))
    const { parts, ...told } = own
    expect(run.manifest).toMatchObject({ model: kind.name, config: { ...told, model: kind.name } })
    // What was left open is chosen.
    expect(JSON.stringify(run.manifest.config)).not.toMatch(/"(epochs|weight)":null/)
    if (parts !== undefined) expect(run.manifest.config.parts).toBeInstanceOf(Array)
    expect(run.manifest.validation?.['ndcg@10']).toBeGreaterThan(0)
    const { model, fitted } = await openTrainedModel(run, dataset, wasmEngine)
    const users = Uint32Array.of(40, 41, 45)
    const whole = await model.topK(users, 10, fitted)
    model.close()
    const range = { first: 40, end: 60 }
    const { ranker, fitted: own40 } = await openRangeRanker(run, dataset, wasmEngine, range)
    await ranker.take(40, rowRange(fitted, 40, 60))
    expect(await ranker.topK(Uint32Array.of(0, 1, 5), 10, own40)).toEqual(whole)
    ranker.close()
  })

  it('stopped and resumed, ends with the bits of one that was not', async () => {
    const dataset = await shop()
    const straight = openStore(await tempFolder())
    const { manifest } = await train(dataset, straight)
    const store = openStore(await tempFolder())
    const abort = new AbortController()
    // In the second phase; the first one's last checkpoint lies there.
    const progress = { ...silentProgress, start: (label: string) => label === 'refit' && abort.abort() }
    const stopped = train(dataset, store, { progress, signal: abort.signal })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
    const resumed = await train(dataset, store, { resume: true })
    expect(await weights(store)).toEqual(await weights(straight))
    expect(resumed.manifest.curve).toEqual(manifest.curve)
  })

  if (!kind.oneEpoch) {
    it('resumed in mid-search, too', async () => {
      const dataset = await shop()
      const straight = openStore(await tempFolder())
      await train(dataset, straight)
      const store = openStore(await tempFolder())
      const abort = new AbortController()
      // What a blend has found of one part is kept while it looks for the next.
      const stops =
        kind.name === 'blend'
          ? { start: (label: string) => label.startsWith('ials') && abort.abort() }
          : { update: (done: number) => done >= 2.2 && abort.abort() }
      const stopped = train(dataset, store, {
        progress: { ...silentProgress, ...stops },
        signal: abort.signal,
      })
      await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
      const phases: string[] = []
      const progress = { ...silentProgress, start: (label: string) => phases.push(label) }
      await train(dataset, store, { resume: true, progress })
      expect(phases.filter((label) => label.startsWith('item-autoencoder'))).toEqual([])
      expect(await weights(store)).toEqual(await weights(straight))
    })
  }
})
