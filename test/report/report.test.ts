import { beforeAll, describe, expect, it } from 'vitest'
import { without } from '../../job/data/csr-matrix.ts'
import type { Dataset } from '../../job/data/dataset.ts'
import type { Run } from '../../job/data/run.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import { modelKind } from '../../job/models/model-kinds.ts'
import { metricText } from '../../job/report/figure-text.ts'
import { measureHeldOut } from '../../job/report/held-out-quality.ts'
import { gatherFacts } from '../../job/report/report-facts.ts'
import { reportOf, writeReport } from '../../job/report/write-report.ts'
import { presetOptions } from '../../job/train/train-options.ts'
import { openTrainedModel } from '../../job/train/trained-model.ts'
import { nastyShop, quickTraining, reportedRun } from './reported-run.ts'

/** The text of a page: without its tags, entities read. */
const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')

/** A page as somebody hears it: a line each of what it says, tables row by row, of charts the words. */
const outlineOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<\/desc>.*?<\/svg>/gs, '</desc>')
    .replace(/<(h[12]|caption|figcaption|desc|summary)\b[^>]*>/g, (_, tag) => `\n[${tag}] `)
    .replace(/<(p|tr|li|title|span class="verdict)\b[^>]*>/g, '\n')
    .replace(/<\/t[hd]><t[hd][^>]*>/g, ' | ')
    .replace(/<small>/g, ' / ')
    .split('\n')
    .map((line) => textOf(line).trim())
    .filter((line) => line !== '')
    .join('\n')

let dataset: Dataset
let run: Run
let page: string
beforeAll(async () => {
  dataset = await nastyShop()
  run = await reportedRun(dataset)
  page = await reportOf({ run, dataset })
})

describe('the report of a run', () => {
  it('tells what the manifest tells: version, data, epochs, options, held-out metrics', () => {
    const text = textOf(page)
    const { versionId, validation, epochs, seed, config, nightjar } = run.manifest
    for (const fact of [
      versionId,
      metricText(validation?.['ndcg@10'] ?? Number.NaN),
      `The weights are of epoch ${epochs.best}, fitted on every row.`,
      `seed ${seed}`,
      `learningRate ${config.learningRate}`,
      nightjar.version,
      '120 lists of 12, without what the user has.',
      '2026-04-23 03:15 UTC',
    ]) {
      expect(text).toContain(fact)
    }
  })

  it('has a part for every question, a heading each, and links to all of them', () => {
    const ids = [...page.matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id)
    expect(ids).toEqual(['quality', 'training', 'lists', 'samples', 'data', 'run'])
    expect([...page.matchAll(/<a href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(ids)
  })

  it('reads as it did, but for figures, items, users and what made it', () => {
    const outline = outlineOf(page)
      .replace(/\d{8}T\d{6}Z-[0-9a-f]{6}/g, 'RUN')
      .replace(/^nightjar \| .*$/m, 'nightjar | VERSION')
      .replace(/^digest \| .*$/m, 'digest | DIGEST')
      .replace(/<script>alert\(".*?"\)<\/script>/g, 'ITEM')
      .replace(/<img src=x onerror=alert\(1\)>user-\d+/g, 'USER')
      .replace(/\d+\.\d+|\d+ at first, \d+/g, '#')
    expect(outline).toMatchSnapshot()
  })

  it('asks nobody for anything: no script, no address, a policy that forbids both', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!#)/)
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(/i)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  it('shows ids and titles as they are, and as nothing but text', async () => {
    expect(page).not.toMatch(/<img|onerror=alert\(1\)>(?!user)/)
    const { samples } = await gatherFacts({ run, dataset })
    expect(samples).toHaveLength(5)
    const text = textOf(page)
    for (const { userId, list } of samples) {
      expect(userId).toMatch(/^<img/)
      expect(list[0].item).toMatch(/^<script>/)
      expect(text).toContain(userId)
      expect(text).toContain(list[0].item)
    }
  })

  it('gives every chart a name and a description, and every id once', () => {
    const charts = [...page.matchAll(/<svg[^>]*aria-labelledby="(\S+) (\S+)"/g)]
    expect(charts.map(([, title]) => title)).toEqual(
      ['metrics', 'quality', 'loss', 'coverage', 'popularity', 'scores'].map((name) => `chart-${name}-title`),
    )
    for (const [, title, text] of charts) {
      expect(page).toMatch(new RegExp(`<title id="${title}">[^<]{5,}</title>`))
      expect(page).toMatch(new RegExp(`<desc id="${text}">[^<]{20,}</desc>`))
    }
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('takes its colours from the page, so that a dark screen has them too', () => {
    const colours = [...page.matchAll(/ (?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour)
    expect(colours.length).toBeGreaterThan(100)
    expect(colours.filter((colour) => !/^(var\(--\w+\)|none|transparent)$/.test(colour))).toEqual([])
  })

  it('is the same bytes for the same run, and written whole into its folder', async () => {
    expect(await reportOf({ run, dataset })).toBe(page)
    const { bytes } = await writeReport({ run, dataset })
    expect(new TextDecoder().decode(await run.store.read('report.html'))).toBe(page)
    expect(bytes).toBe(Buffer.byteLength(page))
  })
})

describe('what a report says of quality', () => {
  it('after a refit is what the search found, for the weights have seen the held-out rows', async () => {
    const quality = await measureHeldOut(run, dataset)
    const best = run.manifest.curve.find(
      ({ phase, epoch }) => phase === 'search' && epoch === run.manifest.epochs.best,
    )
    expect(quality?.model.ndcg).toBe(best?.ndcg10)
    expect(quality?.lead).toBeUndefined()
    const half = 1.96 * (best?.ndcg10Error ?? Number.NaN)
    expect((quality?.model.interval?.high ?? 0) - (quality?.model.ndcg ?? 0)).toBeCloseTo(half, 12)
    expect(quality?.model.ndcg).toBeGreaterThan(quality?.popularity.interval?.high ?? 1)
  })

  it('without a refit is measured again, with the lead over popularity user by user', async () => {
    const unfitted = await reportedRun(dataset, { ...quickTraining, refit: false }, null)
    const quality = await measureHeldOut(unfitted, dataset)
    const heldOut = await unfitted.holdout()
    const { model, fitted } = await openTrainedModel(unfitted, dataset, wasmEngineOn(1))
    expect(fitted.columns.length).toBe(without(await unfitted.ratings(dataset), heldOut).columns.length)
    const again = await evaluate(model, fitted, { pairs: heldOut }, [10])
    model.close()
    expect(quality?.model.ndcg).toBeCloseTo(again.metrics['10'].ndcg, 12)
    expect(quality?.lead?.mean).toBeCloseTo((quality?.model.ndcg ?? 0) - (quality?.popularity.ndcg ?? 0), 12)
    expect(quality?.lead?.interval?.low).toBeGreaterThan(0)
  })

  it('without held-out rows and lists is that there are none, and how to get them', async () => {
    const bare = await reportedRun(dataset, { ...quickTraining, holdout: 0, patience: 0, epochs: 2 }, null)
    const text = textOf(await reportOf({ run: bare, dataset }))
    expect(text).toContain('No row was held out')
    expect(text).toContain('nightjar evaluate')
    expect(text).toContain('No lists are exported. nightjar export RUN writes them')
    expect(text).not.toContain('Some lists')
  })

  it('beside another run says that the rows are not the same', async () => {
    const other = await reportedRun(dataset, { ...quickTraining, seed: 2 })
    const text = textOf(await reportOf({ run, dataset, against: { run: other, dataset } }))
    expect(text).toContain(`Compared with ${other.manifest.versionId}.`)
    expect(text).toContain('has held-out rows of its own')
    expect(text).toContain(metricText(other.manifest.validation?.['ndcg@10'] ?? Number.NaN))
  })
})

describe('the report of a blend', () => {
  it('shows its parts with their options, epochs and weights instead of a curve', async () => {
    const kind = modelKind('blend')
    if (kind === undefined) throw new Error('there is no blend')
    const parts = [
      { model: 'ials', options: { factors: 8 }, epochs: 3, weight: 0.7 },
      { model: 'ease', options: {}, epochs: 1, weight: 0.3 },
    ]
    const blend = await reportedRun(dataset, { ...presetOptions('best', kind), parts })
    const html = await reportOf({ run: blend, dataset })
    expect(textOf(html)).toMatch(/ials 0\.7 3 factors 8/)
    expect(textOf(html)).toMatch(/ease 0\.3 1 l2/)
    expect(html).toContain('chart-parts-title')
    expect(html).not.toContain('chart-loss-title')
    expect(textOf(html)).toContain(metricText(blend.manifest.validation?.['ndcg@10'] ?? Number.NaN))
  })
})
