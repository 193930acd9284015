import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import type { Dataset } from '../../job/data/dataset.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { openRun } from '../../job/data/run.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluateBesidePopularity } from '../../job/evaluate/beside-popularity.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import type { Store } from '../../job/store/store.ts'
import { defaultOptions, type TrainOptions } from '../../job/train/train-options.ts'
import { type TrainRunOptions, trainRun } from '../../job/train/train-run.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'
import { FailingStore } from '../failing-store.ts'
import { makeDataset, makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const options: TrainOptions = {
  ...defaultOptions,
  hidden: 16,
  learningRate: 0.005,
  batchUsers: 100,
  batchItems: 100,
  epochs: 12,
  evalEvery: 2,
  patience: 4,
  checkpointEvery: 3,
}

const train = (dataset: Dataset, store: Store, more: Partial<TrainRunOptions> = {}) =>
  trainRun({
    dataset,
    store,
    options,
    engine: wasmEngine,
    resume: false,
    overwrite: false,
    clock: new ManualClock('2026-04-23T03:15:00Z'),
    progress: silentProgress,
    ...more,
  })

const shop = async (users = 400) => (await makeShopDataset(openStore(await tempFolder()), users)).dataset
const runStore = async () => openStore(await tempFolder())
const weightsOf = async (store: Store) => store.read('model/weights.safetensors')

describe('a training run', () => {
  it('gives bitwise the same weights for the same seed, others for another', async () => {
    const dataset = await shop()
    const [a, b, c] = [await runStore(), await runStore(), await runStore()]
    const runA = await train(dataset, a)
    const runB = await train(dataset, b)
    await train(dataset, c, { options: { ...options, seed: 2 } })
    expect(await weightsOf(b)).toEqual(await weightsOf(a))
    expect(await weightsOf(c)).not.toEqual(await weightsOf(a))
    expect(runB.manifest.versionId).toBe(runA.manifest.versionId)
    expect(runA.manifest.versionId).toMatch(/^20260423T031500Z-[0-9a-f]{6}$/)
  })

  it('writes down which engine trained it, and on what', async () => {
    const dataset = await shop()
    const quick = { options: { ...options, epochs: 1, refit: false } }
    const plain = await train(dataset, await runStore(), quick)
    expect(plain.manifest.engine).toEqual({ name: 'wasm', threads: wasmEngine.threads })
    const engine = { ...wasmEngine, name: 'tfjs', threads: 1, backend: 'webgpu', device: 'Some GPU' }
    const onGpu = await train(dataset, await runStore(), { ...quick, engine })
    expect(onGpu.manifest.engine).toEqual({ name: 'tfjs', threads: 1, backend: 'webgpu', device: 'Some GPU' })
  })

  it('resumed after a stop at any epoch, it ends with the bits of one that was never stopped', async () => {
    const dataset = await shop(100)
    const straight = await runStore()
    const { manifest } = await train(dataset, straight)
    const stops = [1, 4, 7, 10, 13]
    let resumes = 0
    for (const stopAfter of stops) {
      const store = await runStore()
      const abort = new AbortController()
      let epochs = 0
      let last = -1
      const progress = {
        ...silentProgress,
        update(done: number) {
          if (Math.floor(done) !== last && Number.isInteger(done)) epochs++
          last = Math.floor(done)
          if (epochs >= stopAfter) abort.abort()
        },
      }
      const stopped = train(dataset, store, { progress, signal: abort.signal })
      await expect(stopped, `after ${stopAfter}`).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(await store.size('manifest.json')).toBeUndefined()
      // Before the first checkpoint there is nothing to go on from, and the message says so.
      const resume = (await store.size('checkpoints/last.safetensors')) !== undefined
      if (resume) resumes++
      const resumed = await train(dataset, store, { resume })
      expect(await weightsOf(store)).toEqual(await weightsOf(straight))
      expect(resumed.manifest.curve).toEqual(manifest.curve)
    }
    expect(resumes).toBe(stops.length - 1)
  })

  it('stopped between the search and the refit, it does not search once more', async () => {
    const dataset = await shop()
    const straight = await runStore()
    // Every epoch is looked at and the search ends by patience: one epoch more could be a new best.
    const impatient = { ...options, evalEvery: 1, patience: 1, learningRate: 0.02 }
    const { manifest } = await train(dataset, straight, { options: impatient })
    expect(manifest.epochs.trained).toBeLessThan(impatient.epochs)
    const store = await runStore()
    const abort = new AbortController()
    const progress = { ...silentProgress, start: (label: string) => label === 'refit' && abort.abort() }
    const stopped = train(dataset, store, { options: impatient, progress, signal: abort.signal })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
    const resumed = await train(dataset, store, { options: impatient, resume: true })
    expect(resumed.manifest.curve).toEqual(manifest.curve)
    expect(await weightsOf(store)).toEqual(await weightsOf(straight))
  })

  it('refits on all rows for as many epochs as the search found best', async () => {
    const run = await train(await shop(), await runStore())
    const { curve, epochs, validation } = run.manifest
    const looks = curve.filter((point) => point.phase === 'search' && point.ndcg10 !== undefined)
    const best = looks.reduce((a, b) => ((b.ndcg10 ?? 0) > (a.ndcg10 ?? 0) ? b : a))
    expect(epochs).toMatchObject({ best: best.epoch, refit: true })
    expect(curve.filter((point) => point.phase === 'refit').at(-1)?.epoch).toBe(best.epoch)
    expect(validation?.['ndcg@10']).toBe(best.ndcg10)
    expect(looks.every((point) => point.epoch % options.evalEvery === 0 || point.epoch === 12)).toBe(true)
  })

  it('without a refit it keeps the weights of the best epoch, and masks the held-out rows all the same', async () => {
    const dataset = await shop()
    const store = await runStore()
    const run = await train(dataset, store, { options: { ...options, refit: false } })
    const ratings = await readRatings(dataset)
    expect(await run.known(dataset)).toEqual(ratings)
    const { fitted, model } = await openTrainedModel(run, dataset, wasmEngine)
    const heldOut = await run.holdout()
    expect(fitted.columns.length).toBe(ratings.columns.length - heldOut.columns.length)
    const { model: evaluated } = await evaluateBesidePopularity(
      model,
      fitted,
      fitted,
      { pairs: heldOut },
      [10],
      silentProgress,
    )
    expect(evaluated.metrics['10'].ndcg).toBeCloseTo(run.manifest.validation?.['ndcg@10'] ?? 0, 12)
  })

  it('holds out of each user max(1, floor(0.1 (n - 1))) rows, and none of a single one', async () => {
    const users = [0, ...new Array(5).fill(1), ...new Array(25).fill(2)]
    const items = [0, 0, 1, 2, 3, 4, ...Array.from({ length: 25 }, (_, i) => i)]
    const dataset = await makeDataset(openStore(await tempFolder()), {
      userIds: ['one', 'five', 'twentyfive'],
      itemIds: Array.from({ length: 30 }, (_, i) => `item ${i}`),
      parts: [{ users, items }],
    })
    const run = await train(dataset, await runStore(), { options: { ...options, epochs: 2 } })
    const heldOut = await run.holdout()
    expect([0, 1, 2].map((user) => rowOf(heldOut, user).length)).toEqual([0, 1, 2])
  })

  it('given pairs to validate on leave the search and come back for the refit', async () => {
    const dataset = await shop()
    const validation = csrFromPairs(
      Uint32Array.of(0, 1),
      Uint32Array.of((await readRatings(dataset)).columns[0], 5),
      dataset.extent.users,
      dataset.extent.items,
    )
    const run = await train(dataset, await runStore(), { validation, options: { ...options, epochs: 2 } })
    expect(await run.holdout()).toEqual(validation)
    const { fitted } = await openTrainedModel(run, dataset, wasmEngine)
    expect(fitted).toEqual(await readRatings(dataset))
  })

  it('with nothing held out runs every epoch on every row, as the paper did', async () => {
    const run = await train(await shop(), await runStore(), {
      options: { ...options, holdout: 0, patience: 0 },
    })
    expect(run.manifest).toMatchObject({ validation: null, holdout: null, epochs: { best: 12, refit: true } })
    expect(run.manifest.curve.map((point) => point.phase)).toEqual(new Array(12).fill('refit'))
  })
})

describe('what lies at the place of a run', () => {
  it('is not written over, unless that was asked for', async () => {
    const dataset = await shop()
    const store = await runStore()
    await train(dataset, store)
    await expect(train(dataset, store)).rejects.toMatchObject({ code: 'RUN_EXISTS' })
    await expect(train(dataset, store, { resume: true })).rejects.toMatchObject({ code: 'NO_CHECKPOINT' })
    const again = await train(dataset, store, { overwrite: true, options: { ...options, seed: 3 } })
    expect((await openRun(store)).manifest.seed).toBe(again.manifest.seed)
  })

  it('is never a dataset, not even with overwrite', async () => {
    const dataset = await shop()
    for (const overwrite of [false, true]) {
      await expect(train(dataset, dataset.store, { overwrite })).rejects.toMatchObject({ code: 'RUN_PLACE' })
    }
    expect((await readRatings(dataset)).columns.length).toBeGreaterThan(0)
  })

  it('weights that were changed since are refused', async () => {
    const dataset = await shop()
    const run = await train(dataset, await runStore(), { options: { ...options, epochs: 1 } })
    const { path } = run.manifest.weights
    const bytes = (await run.store.read(path)).slice()
    bytes[bytes.length - 3] ^= 1
    await run.store.put(path, bytes)
    await expect(openTrainedModel(run, dataset, wasmEngine)).rejects.toMatchObject({ code: 'WEIGHTS_DIGEST' })
  })

  it('a checkpoint of other options or other rows is refused', async () => {
    const dataset = await shop()
    const store = await runStore()
    const abort = new AbortController()
    const progress = { ...silentProgress, update: (done: number) => done > 4 && abort.abort() }
    await expect(train(dataset, store, { progress, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await expect(train(dataset, store)).rejects.toMatchObject({ code: 'RUN_UNFINISHED' })
    const other = { ...options, learningRate: 0.001 }
    await expect(train(dataset, store, { resume: true, options: other })).rejects.toMatchObject({
      code: 'CHECKPOINT_OTHER',
    })
  })

  it('a store that fails at write n, for every n, leaves no run, and a resume or a new start ends well', async () => {
    const dataset = await shop(100)
    const straight = await runStore()
    const quick = { options: { ...options, epochs: 4, checkpointEvery: 2 } }
    await train(dataset, straight, quick)
    for (let failAt = 0; ; failAt++) {
      const store = await runStore()
      const failing = new FailingStore(store, failAt)
      const failed = await train(dataset, failing, quick).then(
        () => undefined,
        (error) => error,
      )
      if (failed === undefined) {
        expect(failAt).toBeGreaterThan(4)
        break
      }
      expect(failed.message).toMatch('no space left')
      expect(await store.size('manifest.json')).toBeUndefined()
      const resume = (await store.size('checkpoints/last.safetensors')) !== undefined
      await train(dataset, store, { ...quick, resume })
      expect(await weightsOf(store)).toEqual(await weightsOf(straight))
    }
  })

  it('a loss that is no number stops the run and names epoch and step', async () => {
    const dataset = await shop()
    const runaway = { ...options, learningRate: 1e38 }
    await expect(train(dataset, await runStore(), { options: runaway })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: expect.stringMatching(/epoch \d+, step \d+/),
    })
  })
})
