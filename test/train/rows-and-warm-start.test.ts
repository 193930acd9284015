import { describe, expect, it } from 'vitest'
import { intersection, rowOf } from '../../job/data/csr-matrix.ts'
import type { Dataset } from '../../job/data/dataset.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { openRun } from '../../job/data/run.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { cdaeKind } from '../../job/models/cdae.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import type { Store } from '../../job/store/store.ts'
import { readSafetensors } from '../../job/train/safetensors.ts'
import { defaultOptions, presetOptions, type TrainOptions } from '../../job/train/train-options.ts'
import { type TrainRunOptions, trainRun } from '../../job/train/train-run.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'
import { makeDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const options: TrainOptions = {
  ...defaultOptions,
  hidden: 4,
  batchUsers: 50,
  batchItems: 50,
  epochs: 4,
  evalEvery: 2,
  checkpointEvery: 1,
}
const newStore = async () => openStore(await tempFolder())
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
const weightsOf = async (store: Store) => (await readSafetensors(store, 'model/weights.safetensors')).tensors

const day = (n: number) => Date.parse('2026-01-01T00:00:00Z') + n * 86_400_000
/** 20 users with 6 items each, the first half of them old and light, the second new and heavy. */
const rows = (first: number) => ({
  users: Array.from({ length: 60 }, (_, i) => Math.floor(i / 3)),
  items: Array.from({ length: 60 }, (_, i) => (Math.floor(i / 3) + first + (i % 3)) % 12),
})
const content = (users = 20) => ({
  userIds: Array.from({ length: users }, (_, u) => `u${u}`),
  itemIds: Array.from({ length: 12 }, (_, i) => `i${i}`),
  parts: [
    { ...rows(0), times: new Array(60).fill(day(0)), weights: new Array(60).fill(0.2) },
    { ...rows(6), times: new Array(60).fill(day(50)), weights: new Array(60).fill(1) },
  ],
})
const both = async () => makeDataset(await newStore(), content())

describe('rows that are trained on', () => {
  it('are those of the window; what a list must not repeat is known at any age', async () => {
    const dataset = await both()
    const run = await train(dataset, await newStore(), { options: { ...options, windowDays: 30 } })
    expect(run.manifest.rows).toEqual({ since: '2026-01-21T00:00:00.000Z', minWeight: null })
    expect(run.manifest.dataset.interactions).toBe(60)
    const { fitted, model } = await openTrainedModel(run, dataset, wasmEngine)
    model.close()
    expect([...rowOf(fitted, 0)]).toEqual([6, 7, 8])
    expect([...rowOf(await run.known(dataset), 0)]).toEqual([0, 1, 2, 6, 7, 8])
    expect(run.manifest.dataCutoff).toBe('2026-02-20T00:00:00.000Z')
  })

  it('are those of weight enough, and lighter ones are not known either', async () => {
    const dataset = await both()
    const run = await train(dataset, await newStore(), { options: { ...options, minWeight: 0.5 } })
    expect([...rowOf(await run.ratings(dataset), 0)]).toEqual([6, 7, 8])
    expect(await run.known(dataset)).toEqual(await run.ratings(dataset))
  })

  it('have the same bits however they were left out, for the same options', async () => {
    const [a, b] = [await newStore(), await newStore()]
    const windowed = { ...options, windowDays: 30 }
    const dataset = await both()
    const first = await train(dataset, a, { options: windowed })
    const second = await train(dataset, b, { options: windowed })
    expect(await a.read('model/weights.safetensors')).toEqual(await b.read('model/weights.safetensors'))
    expect(second.manifest.versionId).toBe(first.manifest.versionId)
  })

  it('none at all is an error that says which rule left nothing', async () => {
    await expect(
      train(await both(), await newStore(), { options: { ...options, minWeight: 2 } }),
    ).rejects.toMatchObject({
      code: 'ROWS_NONE',
      message: expect.stringMatching(/120 rows, but none of weight 2/),
    })
  })

  it('at an earlier extent give the run that was trained then', async () => {
    const whole = await both()
    const half = await makeDataset(await newStore(), { ...content(), parts: content().parts.slice(0, 1) })
    const [then, now] = [await newStore(), await newStore()]
    const before = await train(half, then)
    const after = await train(whole, now, { extent: half.extent, versionId: '20260101T000000Z-abcdef' })
    expect(await now.read('model/weights.safetensors')).toEqual(await then.read('model/weights.safetensors'))
    expect(after.manifest.dataset).toMatchObject({
      ...half.extent,
      digest: half.manifest.digest,
      interactions: 60,
    })
    expect(after.manifest.dataCutoff).toBe(before.manifest.dataCutoff)
    expect(after.manifest.versionId).toBe('20260101T000000Z-abcdef')
    expect(await (await openRun(now)).ratings(whole)).toEqual(await readRatings(half))
  })

  it('an old manifest that says nothing of them means all', async () => {
    const dataset = await both()
    const run = await train(dataset, await newStore())
    const { rows: _, warmStart: __, ...old } = run.manifest
    await run.store.put('manifest.json', new TextEncoder().encode(JSON.stringify(old)))
    const opened = await openRun(run.store)
    expect(opened.rules).toEqual({ since: null, minWeight: null })
    expect(await opened.ratings(dataset)).toEqual(await readRatings(dataset))
  })
})

describe('a warm start', () => {
  /** The first run's users in reverse, with a new one between, so that no index stays. */
  const other = async () => {
    const base = content()
    return makeDataset(await newStore(), {
      ...base,
      userIds: [...base.userIds].reverse().toSpliced(7, 0, 'stranger'),
      itemIds: [...base.itemIds.slice(0, 11), 'new item'],
    })
  }
  /** A run on the first part alone. */
  const yesterday = async (dataset: Dataset, more = options) =>
    train(dataset, await newStore(), { options: more, extent: { ...dataset.extent, parts: 1 } })
  /** Steps so small that weights stay where they began, to a hair. */
  const still = { ...options, learningRate: 1e-9, l2: 0, epochs: 1, holdout: 0 }

  it('copies the rows of users and items that the earlier run knew, by id, whatever their index', async () => {
    const dataset = await both()
    const earlier = await train(dataset, await newStore(), { options: { ...options, seed: 5 } })
    const grown = await other()
    const [warm, cold] = [await newStore(), await newStore()]
    const run = await train(grown, warm, { options: still, warmStart: { run: earlier, dataset } })
    await train(grown, cold, { options: still })
    expect(run.manifest.warmStart).toEqual({ versionId: earlier.manifest.versionId, users: 20, items: 11 })
    const [before, after, fresh] = [
      await weightsOf(earlier.store),
      await weightsOf(warm),
      await weightsOf(cold),
    ]
    const ids = { users: await grown.userIds(), items: (await grown.items()).ids }
    const old = { users: await dataset.userIds(), items: (await dataset.items()).ids }
    const check = (name: string, axis: 'users' | 'items', width: number) => {
      ids[axis].forEach((id, index) => {
        const known = old[axis].indexOf(id)
        const [source, at] = known < 0 ? [fresh, index] : [before, known]
        const row = (tensors: typeof after, n: number) =>
          Array.from(tensors.get(name)?.data.subarray(n * width, (n + 1) * width) ?? [])
        row(after, index).forEach((value, i) => {
          expect(value, `${name} of ${id}`).toBeCloseTo(row(source, at)[i] ?? Number.NaN, 5)
        })
      })
    }
    for (const name of ['user.encoder', 'user.decoder']) check(name, 'items', 4)
    for (const name of ['item.encoder', 'item.decoder']) check(name, 'users', 4)
    check('user.outputBias', 'items', 1)
    check('item.factor', 'items', 1)
    check('item.outputBias', 'users', 1)
    const bias = (tensors: typeof after) => tensors.get('user.hiddenBias')?.data[2] ?? Number.NaN
    expect(bias(after)).toBeCloseTo(bias(before), 5)
    expect(Math.abs(bias(after) - bias(fresh))).toBeGreaterThan(1e-4)
  })

  it("copies CDAE's vectors by user", async () => {
    const own = { ...presetOptions('best', cdaeKind), hidden: 4, batch: 10, holdout: 0 }
    const cdae = { ...own, epochs: 2, evalEvery: 2, checkpointEvery: 1 }
    const dataset = await both()
    const earlier = await train(dataset, await newStore(), { options: { ...cdae, seed: 5 } })
    const grown = await other()
    const warm = await newStore()
    await train(grown, warm, {
      options: { ...cdae, learningRate: 1e-9, l2: 0 },
      warmStart: { run: earlier, dataset },
    })
    const [before, after] = [await weightsOf(earlier.store), await weightsOf(warm)]
    const [vectors, old] = [after.get('user.vector'), before.get('user.vector')]
    expect(vectors?.shape).toEqual([21, 4])
    const known = await dataset.userIds()
    for (const [index, id] of (await grown.userIds()).entries()) {
      if (id === 'stranger') continue
      const from = known.indexOf(id)
      for (let h = 0; h < 4; h++) {
        expect(vectors?.data[4 * index + h], id).toBeCloseTo(old?.data[4 * from + h] ?? Number.NaN, 5)
      }
    }
  })

  it('is part of what makes the same run: resumed it has the same bits, and without it resuming is refused', async () => {
    const dataset = await both()
    const earlier = await yesterday(dataset, { ...options, seed: 5 })
    const warmStart = { run: earlier, dataset }
    const straight = await newStore()
    await train(dataset, straight, { warmStart })
    const store = await newStore()
    const abort = new AbortController()
    const progress = { ...silentProgress, update: (done: number) => done >= 2 && abort.abort() }
    await expect(train(dataset, store, { warmStart, progress, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await expect(train(dataset, store, { resume: true })).rejects.toMatchObject({ code: 'CHECKPOINT_OTHER' })
    const resumed = await train(dataset, store, { warmStart, resume: true })
    expect(resumed.manifest.warmStart?.versionId).toBe(earlier.manifest.versionId)
    expect(await store.read('model/weights.safetensors')).toEqual(
      await straight.read('model/weights.safetensors'),
    )
    const cold = await newStore()
    expect((await train(dataset, cold)).manifest.warmStart).toBeNull()
    expect(await cold.read('model/weights.safetensors')).not.toEqual(
      await straight.read('model/weights.safetensors'),
    )
  })

  it('chooses the epoch on rows that the earlier run has not seen, and says so where there are none', async () => {
    const dataset = await both()
    const run = await yesterday(dataset)
    const warm = await train(dataset, await newStore(), { warmStart: { run, dataset } })
    const heldOut = await warm.holdout()
    expect(heldOut.columns).toHaveLength(20)
    expect(intersection(heldOut, await run.known(dataset)).columns).toHaveLength(0)
    expect(
      intersection(await (await train(dataset, await newStore())).holdout(), await run.known(dataset)).columns
        .length,
    ).toBeGreaterThan(0)

    const again = { dataset, warmStart: { run: await train(dataset, await newStore()), dataset } }
    await expect(train(dataset, await newStore(), again)).rejects.toMatchObject({
      code: 'WARM_START_SEEN',
      message: expect.stringContaining('every row'),
    })
    await expect(train(dataset, await newStore(), { ...again, validation: heldOut })).rejects.toMatchObject({
      code: 'WARM_START_SEEN',
      message: expect.stringContaining('20 of the 20 rows'),
    })
    const blind = await train(dataset, await newStore(), { ...again, options: { ...options, holdout: 0 } })
    expect(blind.manifest.validation).toBeNull()
  })

  it('maps what the earlier run has seen by id as well', async () => {
    const dataset = await both()
    const earlier = await yesterday(dataset)
    const grown = await other()
    const warm = await train(grown, await newStore(), { warmStart: { run: earlier, dataset } })
    const [userIds, items] = [await grown.userIds(), (await grown.items()).ids]
    const [oldUsers, oldItems] = [await dataset.userIds(), (await dataset.items()).ids]
    const known = await earlier.known(dataset)
    const heldOut = await warm.holdout()
    expect(heldOut.columns.length).toBeGreaterThan(0)
    userIds.forEach((id, user) => {
      const before = oldUsers.includes(id)
        ? [...rowOf(known, oldUsers.indexOf(id))].map((n) => oldItems[n])
        : []
      for (const item of rowOf(heldOut, user)) expect(before).not.toContain(items[item])
    })
  })

  it('with other hidden units is refused before anything is trained', async () => {
    const dataset = await both()
    const run = await yesterday(dataset, { ...options, hidden: 5 })
    const store = await newStore()
    await expect(train(dataset, store, { warmStart: { run, dataset } })).rejects.toMatchObject({
      code: 'WARM_START_SHAPE',
      message: expect.stringMatching(/"user\.encoder" has \[12, 5\], this model wants \[12, 4\]/),
    })
    expect(await store.list('')).toEqual([])
  })
})
