import { describe, expect, it } from 'vitest'
import { rowOf } from '../../job/data/csr-matrix.ts'
import { openRun } from '../../job/data/run.ts'
import { foldIn as foldInScores } from '../../job/engine/fold-in/fold-in-weights.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { CancelledError } from '../../job/errors.ts'
import { type BlendOptions, blendKind, partOptions, stateOfPart } from '../../job/models/blend.ts'
import { userAutoencoderKind } from '../../job/models/weighted-autoencoder.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { readFoldIn, trainFoldIn } from '../../job/train/fold-in.ts'
import { defaultOptions, presetOptions, type TrainOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'
import { callCli } from '../cli/call-cli.ts'
import { FailingStore } from '../failing-store.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const clock = new ManualClock('2026-04-23T03:15:00Z')

const quickJca = { ...defaultOptions, hidden: 8, batchUsers: 200, batchItems: 200, epochs: 2 }

async function trainedRun(holdout = 0.1, training: TrainOptions = quickJca) {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()))
  const store = openStore(await tempFolder())
  const options = { ...training, holdout }
  const common = { dataset, clock, progress: silentProgress }
  const run = await trainRun({
    ...common,
    store,
    options,
    engine: wasmEngine,
    resume: false,
    overwrite: false,
  })
  return { run, dataset, common }
}

describe('the fold-in component of a run', () => {
  it('is added to the run with what it is worth on the held-out rows, and reads back', async () => {
    const { run, common } = await trainedRun()
    expect(await readFoldIn(run)).toBeUndefined()
    const after = await trainFoldIn(run, common)
    const { foldIn, ...rest } = after.manifest
    expect(rest).toEqual(run.manifest)
    expect(foldIn?.validation?.['ndcg@10']).toBeGreaterThan(0.1)
    const weights = await readFoldIn(await openRun(run.store))
    expect(weights).toMatchObject({ items: run.extent.items, hidden: foldIn?.config.hidden })
    expect(weights?.decoder.every(Number.isFinite)).toBe(true)
    expect(weights?.decoder.some((w) => w !== 0)).toBe(true)
  })

  it('trained twice, has the same bits', async () => {
    const { run, common } = await trainedRun()
    const first = (await trainFoldIn(run, common)).manifest.foldIn
    const second = (await trainFoldIn(run, common)).manifest.foldIn
    expect(second?.weights.sha256).toBe(first?.weights.sha256)
  })

  it('of a blend is the part that encodes users, as it was trained there', async () => {
    const given = { epochs: 5, weight: 0.5 }
    const { run, dataset, common } = await trainedRun(0, {
      ...presetOptions('best', blendKind),
      parts: [
        { model: 'user-autoencoder', options: { hidden: 8, unobserved: 0.4 }, ...given },
        { model: 'ials', options: { factors: 4 }, ...given },
      ],
    })
    const phases: string[] = []
    const progress = { ...silentProgress, start: (label: string) => phases.push(label) }
    const { foldIn, config } = (await trainFoldIn(run, { ...common, progress })).manifest
    expect(phases).toEqual([])
    const part = (config.parts as BlendOptions['parts'])[0]
    expect(foldIn).toMatchObject({ config: part.options, epochs: 5, validation: null })
    const weights = await readFoldIn(await openRun(run.store))
    if (weights === undefined) throw new Error('no fold-in')
    const user = 3
    const { model, fitted } = await openTrainedModel(run, dataset, wasmEngine)
    // Of the blend's two parts this one alone, by the equation.
    const own = await userAutoencoderKind.create({
      ...{ options: partOptions(part) as never, ratings: fitted, seed: 1, engine: wasmEngine, threads: 1 },
      state: stateOfPart(part.model, await model.state()),
    })
    const scores = await own.scores(Uint32Array.of(user))
    foldInScores(weights, rowOf(fitted, user)).forEach((score, item) => {
      expect(scores[item]).toBeCloseTo(score, 5)
    })
  })

  it('without held-out rows is trained for the usual number of epochs', async () => {
    const { run, common } = await trainedRun(0)
    expect((await trainFoldIn(run, common)).manifest.foldIn).toMatchObject({ epochs: 40, validation: null })
  })

  it('stopped, or with a store that fails, leaves the run as it was', async () => {
    const { run, common } = await trainedRun()
    const stop = new AbortController()
    stop.abort()
    await expect(trainFoldIn(run, { ...common, signal: stop.signal })).rejects.toThrow(CancelledError)
    for (const write of [0, 1]) {
      const failing = await openRun(new FailingStore(run.store, write))
      await expect(trainFoldIn(failing, common)).rejects.toThrow()
      expect((await openRun(run.store)).manifest).toEqual(run.manifest)
    }
  })

  it('refuses a catalogue that no worker could hold, and says what then happens', async () => {
    const { run, common } = await trainedRun()
    const large = { ...run.manifest, dataset: { ...run.manifest.dataset, items: 70_000 } }
    const wide = Object.assign(Object.create(Object.getPrototypeOf(run)), run, { manifest: large })
    await expect(trainFoldIn(wide, common)).rejects.toThrow(/FOLD_IN_ITEMS|70000 items/)
  })

  it('is trained by `train`, left out by --no-fold-in, and made up for by `fold-in`', async () => {
    const { dataset } = await trainedRun()
    const place = `${await tempFolder()}/run`
    const args = [dataset.store.uri, '--out', place, '--epochs', '1', '--model', 'jca', '--hidden', '8']
    const without = await callCli(['train', ...args, '--no-fold-in'])
    expect(without.stdout).toContain('fold-in    none: strangers get the popular list')
    expect((await callCli(['fold-in', place])).stdout).toMatch(
      /fold-in {4}\d+ epochs, held-out NDCG@10 0\.\d{4}/,
    )
    const withIt = await callCli(['train', ...args, '--overwrite'])
    expect(withIt.stdout).toMatch(/fold-in {4}\d+ epochs, held-out NDCG@10 0\.\d{4}/)
  })
})
