import { describe, expect, it } from 'vitest'
import { without } from '../../../job/data/csr-matrix.ts'
import { readRatings } from '../../../job/data/rating-matrix.ts'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { spaceOf } from '../../../job/experiments/tune/candidates.ts'
import { makePlan, type PlanInput } from '../../../job/experiments/tune/plan.ts'
import { mergeShards, type TuneOptions, tune, tuneShard } from '../../../job/experiments/tune/tune.ts'
import { ialsKind } from '../../../job/models/ials.ts'
import { jcaKind } from '../../../job/models/jca.ts'
import type { ModelKind } from '../../../job/models/model.ts'
import { silentProgress } from '../../../job/progress.ts'
import { ink } from '../../../job/report/draw-chart.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { drawHoldout } from '../../../job/train/holdout.ts'
import { makeShopDataset } from '../../made-dataset.ts'
import { ManualClock } from '../../manual-clock.ts'
import { tempFolder } from '../../temp-folder.ts'

async function prepared(
  over: Partial<PlanInput> & { tried?: string[]; kind?: ModelKind } = {},
): Promise<TuneOptions> {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()), 200)
  const all = await readRatings(dataset)
  const heldOut = drawHoldout(all, 0.1, 1)
  const ratings = without(all, heldOut)
  const { tried = ['factors=1,4,16', 'l2=0.3,3'], kind = ialsKind } = over
  const plan = makePlan({
    ...{ kind, space: spaceOf(kind, tried, {}), fixed: {}, ratings, heldOut },
    ...{ search: 'grid', trials: 20, epochs: 4, evalEvery: 1, patience: 0, seed: 1, ...over },
  })
  return {
    ...{ plan, kind, store: openStore(await tempFolder()), ratings, heldOut, engine: wasmEngineOn(1) },
    ...{ clock: new ManualClock('2026-04-23T03:15:00Z'), progress: silentProgress },
  }
}

const textOf = async ({ store }: TuneOptions, key: string) => new TextDecoder().decode(await store.read(key))

describe('a search', () => {
  it('tries everything that was planned, ranks it by NDCG@10, and keeps table, picture and winner', async () => {
    const options = await prepared()
    const { ranking, best } = await tune(options)
    expect(ranking.map(({ trial }) => trial).sort()).toEqual([0, 1, 2, 3, 4, 5])
    const worths = ranking.map(({ best }) => best?.ndcg10 ?? 0)
    expect(worths).toEqual([...worths].sort((a, b) => b - a))
    // Two tastes in four groups: one factor cannot hold them.
    expect(ranking[0].options.factors).not.toBe(1)
    expect(worths[0]).toBeGreaterThan(1.5 * worths[5])
    expect(best).toEqual({ model: 'ials', options: ranking[0].options, epochs: ranking[0].best?.epoch })
    expect(JSON.parse(await textOf(options, 'best.json'))).toEqual(best)
    const picture = await textOf(options, 'tune.svg')
    // A panel an option: five dots, and the best with a ring.
    expect(picture.split(`fill="${ink.own}"`)).toHaveLength(1 + 2 * 5)
    expect(picture.split(`stroke="${ink.other}"`)).toHaveLength(1 + 2)
    expect(picture).toContain(`with factors ${best.options.factors}, l2 ${best.options.l2}.</desc>`)
  })

  it('stopped anywhere, goes on with what is left and ends the same', async () => {
    const straight = await prepared()
    const want = await tune(straight)
    const options = await prepared()
    const abort = new AbortController()
    let done = 0
    const progress = { ...silentProgress, update: () => ++done === 3 && abort.abort() }
    await expect(tune({ ...options, progress, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const kept = (await options.store.list('trials/')).map(({ key }) => key)
    expect(kept.length).toBe(3)
    const before = await Promise.all(kept.map((key) => textOf(options, key)))
    expect(await tune(options)).toEqual(want)
    expect(await Promise.all(kept.map((key) => textOf(options, key)))).toEqual(before)
  })

  it('by halving gives each trial that goes on the epochs that it would have had in one go', async () => {
    const over = { epochs: 9, trials: 9, tried: ['factors=2..16', 'l2=0.1..10'] }
    const options = await prepared({ ...over, search: 'halving' })
    expect(options.plan.rungs).toEqual([
      { trials: 9, epochs: 1 },
      { trials: 3, epochs: 3 },
      { trials: 1, epochs: 9 },
    ])
    const { ranking } = await tune(options)
    expect(ranking.map(({ epochs }) => epochs)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1])
    const whole = await tune(await prepared({ ...over, search: 'random' }))
    const same = whole.ranking.find(({ trial }) => trial === ranking[0].trial)
    expect(ranking[0].looks).toEqual(same?.looks)
    // Weights are kept for the next rung alone.
    const left = (await options.store.list('trials/')).filter(({ key }) => key.endsWith('.safetensors'))
    expect(left.map(({ key }) => key)).not.toContain(`trials/000${ranking[0].trial}.safetensors`)
  })

  it('in shards is the whole one, and is not put together while one is missing', async () => {
    const whole = await tune(await prepared())
    const options = await prepared()
    await tuneShard(options, { index: 1, of: 2 })
    await expect(mergeShards(options.store, options.plan)).rejects.toMatchObject({
      code: 'TUNE_MISSING',
      message: expect.stringContaining('trial 0 of 6'),
    })
    await tuneShard(options, { index: 0, of: 2 })
    expect(await mergeShards(options.store, options.plan)).toEqual(whole)
  })

  it('tells of options that fail, and goes on with others', async () => {
    const tried = ['learningRate=0.01,1e30']
    const options = await prepared({ kind: jcaKind as ModelKind, tried, fixed: { hidden: 4 } })
    const { ranking } = await tune(options)
    expect(ranking.map(({ failed }) => failed?.split(' ')[0] ?? null)).toEqual([null, '[LOSS_NOT_FINITE]'])
    const none = await prepared({ kind: jcaKind as ModelKind, tried: ['learningRate=1e30'] })
    await expect(tune(none)).rejects.toMatchObject({ code: 'TUNE_FAILED' })
  })

  it('is never mixed with another one', async () => {
    const options = await prepared()
    await tune(options)
    const other = await prepared({ seed: 2 })
    await expect(tune({ ...other, store: options.store })).rejects.toMatchObject({ code: 'TUNE_OTHER' })
  })
})
