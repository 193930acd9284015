import { describe, expect, it } from 'vitest'
import { openRun } from '../../job/data/run.ts'
import { wasmEngine } from '../../job/engine/wasm/wasm-engine.ts'
import { CancelledError } from '../../job/errors.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { readFoldIn, trainFoldIn } from '../../job/train/fold-in.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { runCli } from '../cli/run-cli.ts'
import { FailingStore } from '../failing-store.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const clock = new ManualClock('2026-04-23T03:15:00Z')

async function trainedRun(holdout = 0.1) {
  const { dataset } = await makeShopDataset(openStore(await tempFolder()))
  const store = openStore(await tempFolder())
  const options = { ...defaultOptions, hidden: 8, batchUsers: 200, batchItems: 200, epochs: 2, holdout }
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
    const without = await runCli(['train', ...args, '--no-fold-in'])
    expect(without.stdout).toContain('fold-in    none: strangers get the popular list')
    expect((await runCli(['fold-in', place])).stdout).toMatch(
      /fold-in {4}\d+ epochs, held-out NDCG@10 0\.\d{4}/,
    )
    const withIt = await runCli(['train', ...args, '--overwrite'])
    expect(withIt.stdout).toMatch(/fold-in {4}\d+ epochs, held-out NDCG@10 0\.\d{4}/)
  })
})
