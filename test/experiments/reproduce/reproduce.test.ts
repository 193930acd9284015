import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../../job/evaluate/evaluate.ts'
import { OutcomeCache } from '../../../job/experiments/reproduce/outcome-cache.ts'
import type { Reproduction } from '../../../job/experiments/reproduce/report-content.ts'
import { type ReproduceInput, reproduce } from '../../../job/experiments/reproduce/reproduce.ts'
import { hasRun, overSeeds } from '../../../job/experiments/reproduce/results.ts'
import { readSplitFolder } from '../../../job/experiments/reproduce/split-folder.ts'
import type { SystemName } from '../../../job/experiments/reproduce/systems.ts'
import { easeKind } from '../../../job/models/ease.ts'
import { modelKind } from '../../../job/models/model-kinds.ts'
import { type Progress, silentProgress } from '../../../job/progress.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { ManualClock } from '../../manual-clock.ts'
import { tempFolder } from '../../temp-folder.ts'
import { writeShopSplit, writeSplit } from './made-split.ts'

const small = { hidden: 8, batchUsers: 64, batchItems: 64, learningRate: 0.01 }
const configurations: Record<string, object> = {
  ease: { model: 'ease', options: { l2: 20 }, epochs: 1 },
  mf: { model: 'mf', options: { factors: 8, l2: 2 }, epochs: 3 },
  jca: { model: 'jca', options: small, epochs: 4 },
  'jca-mse': { model: 'jca', options: small, epochs: 4 },
  'jca-bpr': { model: 'jca', options: small, epochs: 4 },
}

/** A place with a split that is called `name`, and what a reproduction on it needs. */
async function bench(name = 'ml-1m') {
  const folder = await tempFolder()
  const place = await writeShopSplit(folder, name)
  await mkdir(join(folder, 'configs', 'default'), { recursive: true })
  for (const [system, content] of Object.entries(configurations))
    await writeFile(join(folder, 'configs', 'default', `${system}.json`), JSON.stringify(content))
  const notes: string[] = []
  const started: string[] = []
  const progress: Progress = {
    ...silentProgress,
    start: (label) => started.push(label),
    note: (line) => notes.push(line),
  }
  const run = (changes: Partial<ReproduceInput>): Promise<Reproduction> =>
    reproduce({
      ...{ places: [place], tables: [5], figures: [], only: undefined, seeds: 2 },
      configs: openStore(join(folder, 'configs')),
      cache: new OutcomeCache(openStore(join(folder, 'out'))),
      ...{
        engine: wasmEngineOn(2),
        clock: new ManualClock('2026-11-26T12:00:00Z'),
        progress,
        signal: undefined,
      },
      ...changes,
    })
  /** What was fitted since the last look. */
  const fitted = () => started.splice(0).filter((label) => !/^compare$|: lists$/.test(label))
  return { folder, place, run, notes, fitted }
}

const f1 = ({ data }: Reproduction, system: SystemName) => {
  const result = data[0].systems.get(system)
  return result && hasRun(result) ? overSeeds(result, 'f1', 10) : undefined
}

describe('a reproduction', () => {
  it('scores what evaluate scores, for the same model', async () => {
    const { place, run } = await bench()
    const found = await run({ tables: [3], only: ['ease', 'popularity'] })
    const { train, test } = await readSplitFolder(place)
    for (const [system, options] of [
      ['ease', { ...easeKind.defaults, l2: 20 }],
      ['popularity', {}],
    ] as const) {
      const engine = wasmEngineOn(1)
      const model = await modelKind(system)!.create({ options, ratings: train, seed: 1, engine, threads: 1 })
      await model.epoch(1, async () => {})
      const { metrics, users } = await evaluate(model, train, test, [1, 5, 10])
      model.close()
      const result = found.data[0].systems.get(system)!
      if (!hasRun(result)) throw new Error(result.notRun)
      expect(result.outcomes[0].users).toHaveLength(users)
      for (const k of [1, 5, 10] as const)
        for (const metric of ['precision', 'recall', 'f1', 'ndcg'] as const)
          expect(Math.abs(result.means[0][k][metric] - metrics[k][metric])).toBeLessThan(1e-12)
    }
    // The shop's tastes are learned: far above the most popular items.
    expect(f1(found, 'ease')!.mean).toBeGreaterThan(1.5 * f1(found, 'popularity')!.mean)
  })

  it('fits each seed once, and a model that has none once for all', async () => {
    const { run, fitted } = await bench()
    const found = await run({ tables: [3], only: ['mf', 'ease'] })
    expect(fitted()).toEqual([
      'MF on MovieLens 1M, seed 1',
      'MF on MovieLens 1M, seed 2',
      'EASE on MovieLens 1M, seed 1',
    ])
    expect([f1(found, 'mf')?.seeds, f1(found, 'ease')?.seeds]).toEqual([2, 1])
  })

  it('searches for what a blend leaves open, once, and fits what was found', async () => {
    const { folder, run, fitted } = await bench()
    const halves = { options: { hidden: 8 }, epochs: null, weight: null }
    const parts = [
      { model: 'item-autoencoder', ...halves },
      { model: 'ials', ...halves, options: { factors: 4 } },
    ]
    const file = { model: 'blend', options: { parts } }
    await writeFile(join(folder, 'configs', 'default', 'blend.json'), JSON.stringify(file))
    const found = await run({ tables: [3], only: ['blend', 'popularity'] })
    const labels = fitted()
    expect(labels.slice(-3, -1)).toEqual([1, 2].map((n) => `Blend, the default on MovieLens 1M, seed ${n}`))
    expect(labels).toContain('ials, trial 1')
    const result = found.data[0].systems.get('blend')!
    if (!hasRun(result)) throw new Error(result.notRun)
    for (const { facts } of result.outcomes) {
      const chosen = (facts.options as { parts: { epochs: number; weight: number }[] }).parts
      expect(chosen.every(({ epochs, weight }) => epochs > 0 && weight > 0)).toBe(true)
      expect(facts.epochs).toBe(Math.max(...chosen.map(({ epochs }) => epochs)))
    }
    expect(f1(found, 'blend')!.mean).toBeGreaterThan(1.5 * f1(found, 'popularity')!.mean)
    await run({ tables: [3], only: ['blend', 'popularity'] })
    expect(fitted()).toEqual([])
  })

  it('takes a blend as its file has it, and what is left of it without each part', async () => {
    const { folder, run, fitted } = await bench()
    const parts = [
      { model: 'ials', options: { factors: 4 }, epochs: 2, weight: 0.5 },
      { model: 'ease', options: {}, epochs: 1, weight: 0.3 },
      { model: 'item-knn', options: {}, epochs: 1, weight: 0.2 },
    ]
    const ablations = { ials: { ease: 0.9, 'item-knn': 0.1 }, ease: { ials: 1 } }
    const file = { model: 'blend', options: { parts }, epochs: 2, ablations }
    await writeFile(join(folder, 'configs', 'default', 'blend.json'), JSON.stringify(file))
    const found = await run({ tables: [3], only: ['blend'], seeds: 1 })
    expect(fitted()).toEqual(['Blend, the default on MovieLens 1M, seed 1'])
    const result = found.data[0].systems.get('blend')!
    if (!hasRun(result)) throw new Error(result.notRun)
    const weights = result.ablations?.map(({ without, result: { outcomes } }) => {
      const left = (outcomes[0].facts.options as { parts: { model: string; weight: number }[] }).parts
      return [without, Object.fromEntries(left.map(({ model, weight }) => [model, weight]))]
    })
    expect(weights).toEqual([
      ['ials', { ease: 0.9, 'item-knn': 0.1 }],
      ['ease', { ials: 1 }],
    ])
  })

  it('runs what its tables and figures need, and no more', async () => {
    const { run, fitted } = await bench()
    await run({ tables: [2], seeds: 1 })
    expect(fitted()).toEqual([])
    const found = await run({ seeds: 1 })
    expect(fitted()).toEqual(['JCA', 'JCA-MSE', 'JCA-BPR'].map((name) => `${name} on MovieLens 1M, seed 1`))
    expect(found.tables.map(({ number }) => number)).toEqual([5])
    // JCA > JCA-MSE > JCA-BPR, on the data set that is there and the two that are not.
    expect(found.verdicts).toHaveLength(6)
    expect(found.verdicts.filter(({ ours }) => ours !== undefined)).toHaveLength(2)
  })

  it('goes on from what was fitted before, to the same figures; one more seed fits one more', async () => {
    const { run, fitted } = await bench()
    const first = await run({ only: ['jca'] })
    expect(fitted()).toHaveLength(2)
    const again = await run({ only: ['jca'] })
    expect(fitted()).toEqual([])
    expect(f1(again, 'jca')).toEqual(f1(first, 'jca'))
    await run({ only: ['jca'], seeds: 3 })
    expect(fitted()).toEqual(['JCA on MovieLens 1M, seed 3'])
  })

  it('fits anew where options, epochs or data are others, or a kept file is damaged', async () => {
    const { folder, place, run, fitted } = await bench()
    const only: SystemName[] = ['mf']
    const once = async () => {
      await run({ tables: [3], only, seeds: 1 })
      return fitted().length
    }
    expect([await once(), await once()]).toEqual([1, 0])
    const file = join(folder, 'configs', 'default', 'mf.json')
    await writeFile(file, JSON.stringify({ ...configurations.mf, epochs: 4 }))
    expect([await once(), await once()]).toEqual([1, 0])
    await writeFile(file, JSON.stringify({ model: 'mf', options: { factors: 8, l2: 3 }, epochs: 4 }))
    expect([await once(), await once()]).toEqual([1, 0])
    const [kept] = await readdir(join(folder, 'out', 'outcomes'))
    const text = await readFile(join(folder, 'out', 'outcomes', kept), 'utf8')
    for (const damaged of [text.slice(0, 100), text.replace(/"relevant": \[\s*\d+,/, '"relevant": [')]) {
      expect(damaged).not.toBe(text)
      for (const name of await readdir(join(folder, 'out', 'outcomes')))
        await writeFile(join(folder, 'out', 'outcomes', name), damaged)
      expect([await once(), await once()]).toEqual([1, 0])
    }
    await writeFile(join(place, 'test.csv'), `${await readFile(join(place, 'test.csv'), 'utf8')}user-1,new\n`)
    expect(await once()).toBe(1)
  })

  it('searches for the epochs that no file gives on the validation rows, once for all seeds', async () => {
    const { run, fitted, notes } = await bench('shop')
    const found = await run({ tables: [3], only: ['ials'] })
    expect(fitted()).toEqual(['iALS on shop: epochs', 'iALS on shop, seed 1', 'iALS on shop, seed 2'])
    expect(notes.join('\n')).toMatch(/iALS on shop: best epoch \d+ of \d+, validation ndcg@10 0\.\d{4}/)
    const result = found.data.find(({ label }) => label === 'shop')!.systems.get('ials')!
    if (!hasRun(result)) throw new Error(result.notRun)
    expect(result.source).toMatchObject({ config: undefined, isOfData: false, isRandom: true })
    expect(result.source.searchSeconds).toBeDefined()
    const [best] = notes.flatMap((note) => /best epoch (\d+)/.exec(note)?.[1] ?? [])
    expect(result.outcomes.map(({ facts }) => facts.epochs)).toEqual([Number(best), Number(best)])
    await run({ tables: [3], only: ['ials'] })
    expect(fitted()).toEqual([])
  })

  it('draws rows to search on where a split has no validation rows', async () => {
    const { folder, run } = await bench()
    const place = await writeSplit(folder, 'bare', {
      train: Array.from({ length: 60 }, (_, n) => [n % 6, (n * 7) % 10]),
      test: [
        [0, 1],
        [1, 0],
      ],
    })
    await writeFile(join(place, 'validation.csv'), 'user_id,item_id\n')
    const found = await run({ places: [place], tables: [3], only: ['ials'], seeds: 1 })
    expect(found.data.at(-1)?.systems.get('ials')).toHaveProperty('outcomes')
  })

  it('leaves the columns of data that is not there not run, and ends where none is', async () => {
    const { folder, place, run, notes } = await bench()
    const gone = join(folder, 'yelp')
    const found = await run({ places: [place, gone], tables: [2, 3], only: ['popularity'] })
    expect(found.data.map(({ label, split }) => [label, split !== undefined])).toEqual([
      ['MovieLens 1M', true],
      ['Yelp', false],
      ['Video Games', false],
    ])
    expect(notes).toContain(`${gone} is not there, or empty: its columns are not run`)
    await expect(run({ places: [gone] })).rejects.toMatchObject({ code: 'DATA_NONE' })
  })

  it('refuses two folders of one data set', async () => {
    const { folder, place, run } = await bench('ML1M')
    await writeShopSplit(folder, 'movielens-1m')
    await expect(run({ places: [place, join(folder, 'movielens-1m')] })).rejects.toThrow(
      'two folders are of MovieLens 1M: ML1M, movielens-1m',
    )
  })

  it('runs on with the other systems where one fails, and says why in its place', async () => {
    const { folder, run, notes } = await bench()
    const file = join(folder, 'configs', 'default', 'jca-mse.json')
    const runsAway = { ...small, learningRate: 1e38 }
    await writeFile(file, JSON.stringify({ model: 'jca', options: runsAway, epochs: 4 }))
    const { data } = await run({ only: ['jca', 'jca-mse'], seeds: 1 })
    expect(data[0].systems.get('jca-mse')).toEqual({
      notRun: expect.stringMatching(/^it failed: the loss became NaN .* \(LOSS_NOT_FINITE\)$/),
      hasFailed: true,
    })
    expect(notes.join('\n')).toContain('JCA-MSE on MovieLens 1M failed, and is left out')
    expect(data[0].systems.get('jca')).toHaveProperty('outcomes')
  })

  it('stops when it is told to, and has kept what was done', async () => {
    const { run, fitted } = await bench()
    const stop = new AbortController()
    const progress: Progress = {
      ...silentProgress,
      start: (label) => label.startsWith('JCA-MSE') && stop.abort(),
    }
    await expect(run({ progress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    await run({})
    expect(fitted()[0]).toBe('JCA-MSE on MovieLens 1M, seed 1')
  })
})
