import { describe, expect, it } from 'vitest'
import { forgetUsers } from '../../job/data/forget-users.ts'
import { openRun, type Run } from '../../job/data/run.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { discardScores, type ExportOptions, exportRun } from '../../job/export/export-run.ts'
import { exportShard } from '../../job/export/export-shard.ts'
import { mergeShards } from '../../job/export/merge-shards.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { defaultOptions } from '../../job/train/train-options.ts'
import { trainRun } from '../../job/train/train-run.ts'
import { FailingStore } from '../failing-store.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { makeRun } from '../made-run.ts'
import { ManualClock } from '../manual-clock.ts'
import { tempFolder } from '../temp-folder.ts'

const size = { users: 3000, items: 120, rows: 30_000, hidden: 10 }
const engine = wasmEngineOn(1)

/** Every call has a time of its own, and a manifest that is read anew. */
let calls = 0
const optionsOf = async (run: Run, more: Partial<ExportOptions> = {}): Promise<ExportOptions> => ({
  run: await openRun(run.store),
  engine,
  k: 10,
  includeSeen: false,
  // Twelve parts, of which the last is smaller.
  partUsers: 256,
  clock: new ManualClock(new Date(Date.UTC(2026, 10, 26) + ++calls * 1000).toISOString()),
  progress: silentProgress,
  ...more,
})
const shard = async (run: Run, index: number, of: number, more: Partial<ExportOptions> = {}) =>
  exportShard(await optionsOf(run, more), { index, of })
const merge = async (run: Run, of: number, more: Partial<ExportOptions> = {}) =>
  mergeShards({ ...(await optionsOf(run, more)), of })
const shards = async (run: Run, of: number, more: Partial<ExportOptions> = {}) => {
  for (let index = 0; index < of; index++) await shard(run, index, of, more)
}

/** All that an export leaves, but for when. */
async function left({ store }: Run): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const { key } of [...(await store.list('scores/')), { key: 'manifest.json' }]) {
    files[key] = Buffer.from(await store.read(key)).toString('latin1')
  }
  files['manifest.json'] = files['manifest.json']!.replace(/"exportedAt": ".*?"/, '')
  return files
}

async function singleExport(run: Run, more: Partial<ExportOptions> = {}) {
  await exportRun(await optionsOf(run, more))
  const files = await left(run)
  await discardScores(await openRun(run.store))
  return files
}

const names = async ({ store }: Run) => (await store.list('scores/')).map(({ key }) => key.slice(7))
const manifestOf = async ({ store }: Run) => (await openRun(store)).manifest

describe('an export in shards', () => {
  it('leaves the bytes and the manifest of a single one, for any number of shards, in any order', async () => {
    const run = await makeRun(await tempFolder(), size)
    const expected = await singleExport(run)
    expect(Object.keys(expected)).toHaveLength(13)
    for (const of of [1, 2, 3, 4, 5, 12, 17]) {
      const reports = []
      for (let index = of - 1; index >= 0; index--) reports.push(await shard(run, index, of))
      expect((await manifestOf(run)).scores).toBeNull()
      const report = await merge(run, of)
      expect(await left(run), `${of} shards`).toEqual(expected)
      expect(reports.reduce((sum, { users }) => sum + users, 0)).toBe(size.users)
      expect([report.users, report.shortLists, report.isNew]).toEqual([3000, 0, true])
      await discardScores(await openRun(run.store))
      expect(await names(run)).toEqual([])
    }
  })

  it('holds for known items, for lists that the catalogue cannot fill, and for side by side', async () => {
    const run = await makeRun(await tempFolder(), size)
    for (const more of [{ includeSeen: true }, { k: 115 }]) {
      const expected = await singleExport(run, more)
      await Promise.all([0, 1, 2].map((index) => shard(run, index, 3, more)))
      const { shortLists } = await merge(run, 3, more)
      expect(shortLists! > 0).toBe('k' in more)
      expect(await left(run)).toEqual(expected)
      await discardScores(await openRun(run.store))
    }
  })

  it('holds on an engine that has no ranges, and for a trained run with held-out rows and forgotten users', async () => {
    const { dataset } = await makeShopDataset(openStore(await tempFolder()), 90)
    const run = await trainRun({
      ...{ dataset, store: openStore(await tempFolder()), resume: false, overwrite: false },
      options: { ...defaultOptions, hidden: 4, epochs: 2, evalEvery: 1, refit: false },
      ...{ engine, clock: new ManualClock('2026-11-26T00:00:00Z'), progress: silentProgress },
    })
    const ids = await dataset.userIds()
    await forgetUsers(dataset, [ids[3]!, ids[50]!], false)
    for (const more of [{ partUsers: 16 }, { partUsers: 16, engine: referenceEngine }]) {
      const expected = await singleExport(run, more)
      await shards(run, 4, more)
      expect((await merge(run, 4, more)).users).toBe(88)
      expect(await left(run)).toEqual(expected)
      await discardScores(await openRun(run.store))
    }
  })
})

describe('a shard that is run again', () => {
  it('does nothing where it was done, and all of it where it was killed, at whatever write', async () => {
    const run = await makeRun(await tempFolder(), size)
    const expected = await singleExport(run)
    for (let failAt = 0; ; failAt++) {
      const store = new FailingStore(run.store, failAt)
      const failed = await exportShard(
        { ...(await optionsOf(run)), run: await openRun(store) },
        { index: 1, of: 3 },
      ).then(
        () => false,
        () => true,
      )
      expect((await names(run)).some((name) => name.startsWith('shard'))).toBe(!failed)
      if (!failed) break
      await expect(merge(run, 3)).rejects.toMatchObject({ code: 'SHARDS_MISSING' })
    }
    const still = new FailingStore(run.store, 0)
    const again = await exportShard(
      { ...(await optionsOf(run)), run: await openRun(still) },
      { index: 1, of: 3 },
    )
    expect([again.isNew, again.users, still.writes]).toEqual([false, 1024, 0])
    await shard(run, 0, 3)
    await shard(run, 2, 3)
    await merge(run, 3)
    expect(await left(run)).toEqual(expected)
  })

  it('mends a part that was damaged, cut or deleted, which a merge does not let pass', async () => {
    const run = await makeRun(await tempFolder(), size)
    const expected = await singleExport(run)
    await shards(run, 4)
    const path = 'scores/part-00004.arrow'
    const bytes = await run.store.read(path)
    const damages = [
      () =>
        run.store.put(
          path,
          bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)),
        ),
      () => run.store.put(path, bytes.subarray(0, 5000)),
      () => run.store.delete(path),
    ]
    for (const damage of damages) {
      await damage()
      await expect(merge(run, 4)).rejects.toMatchObject({
        code: 'SHARDS_DAMAGED',
        message: expect.stringContaining(`shard 1: ${path}`),
        fix: expect.stringContaining(`export ${run.store.uri} --shard 1/4 --k 10 --part-users 256`),
      })
      expect((await manifestOf(run)).scores).toBeNull()
      expect((await shard(run, 0, 4)).isNew).toBe(false)
      expect((await shard(run, 1, 4)).isNew).toBe(true)
    }
    await merge(run, 4)
    expect(await left(run)).toEqual(expected)
  })
})

describe('a merge', () => {
  it('names the shards that are missing, and those whose receipt is no receipt', async () => {
    const run = await makeRun(await tempFolder(), size)
    for (const index of [0, 2, 4]) await shard(run, index, 5)
    await run.store.put('scores/shard-2-of-5.json', new TextEncoder().encode('{"format": 1}'))
    const error = await merge(run, 5).catch((error) => error)
    expect(error.code).toBe('SHARDS_MISSING')
    expect(error.message).toContain('3 of 5 shards')
    expect(error.fix.match(/--shard \d\/5/g)).toEqual(['--shard 1/5', '--shard 2/5', '--shard 3/5'])
    await expect(merge(run, 4)).rejects.toMatchObject({
      message: expect.stringContaining('4 of 4 shards'),
    })
  })

  it('refuses receipts of other lists, of other parts and of another engine, and names them', async () => {
    const folder = await tempFolder()
    const run = await makeRun(folder, size)
    const others: [Partial<ExportOptions>, string][] = [
      [{ k: 11 }, 'its k is 11, want 10'],
      [{ includeSeen: true }, 'its includeSeen is true, want false'],
      [{ partUsers: 255 }, 'its partUsers is 255, want 256'],
      [{ engine: { ...engine, name: 'other' } as ExportOptions['engine'] }, 'made by other, nightjar'],
    ]
    for (const [other, reason] of others) {
      await shards(run, 3)
      await shard(run, 2, 3, other)
      const error = await merge(run, 3).catch((error) => error)
      expect([error.code, error.message]).toEqual([
        'SHARDS_FOREIGN',
        expect.stringContaining(`shard 2: ${reason}`),
      ])
      expect(error.fix.match(/--shard \d\/3/g)).toEqual(['--shard 2/3'])
    }
    await shards(run, 3)
    const receipt = JSON.parse(new TextDecoder().decode(await run.store.read('scores/shard-1-of-3.json')))
    const put = (changed: object) =>
      run.store.put(
        'scores/shard-1-of-3.json',
        new TextEncoder().encode(JSON.stringify({ ...receipt, ...changed })),
      )
    await put({ parts: receipt.parts.slice(1) })
    await expect(merge(run, 3)).rejects.toMatchObject({ message: expect.stringContaining('its parts are') })
    for (const key of ['versionId', 'weights', 'dataset']) {
      await put({ lists: { ...receipt.lists, [key]: 'of another run' } })
      await expect(merge(run, 3)).rejects.toMatchObject({
        message: expect.stringContaining(`its ${key} is of another run`),
      })
    }
    const dataset = await run.openDataset()
    await put({})
    await forgetUsers(dataset, ['user-1'], false)
    await shard(run, 1, 3)
    const error = await merge(run, 3).catch((error) => error)
    expect(error.code).toBe('SHARDS_FOREIGN')
    expect(error.fix.match(/--shard \d\/3/g)).toEqual(['--shard 0/3', '--shard 2/3'])
  })

  it('done twice, or killed at any write or before the receipts are gone, ends the same', async () => {
    const run = await makeRun(await tempFolder(), size)
    const expected = await singleExport(run)
    await shards(run, 3)
    await run.store.put('scores/part-00099.arrow', new Uint8Array(8))
    const failing = new FailingStore(run.store, 0)
    await expect(
      mergeShards({ ...(await optionsOf(run)), run: await openRun(failing), of: 3 }),
    ).rejects.toThrow('no space left')
    expect((await manifestOf(run)).scores).toBeNull()
    const receipt = await run.store.read('scores/shard-1-of-3.json')
    expect((await merge(run, 3)).isNew).toBe(true)
    expect(await left(run)).toEqual(expected)
    const { exportedAt } = (await manifestOf(run)).scores!
    await run.store.put('scores/shard-1-of-3.json', receipt)
    const again = await merge(run, 3)
    expect([again.isNew, again.users, again.shortLists]).toEqual([false, 3000, null])
    expect(await left(run)).toEqual(expected)
    expect((await manifestOf(run)).scores?.exportedAt).toBe(exportedAt)
  })

  it('and its shards do not touch another export that the manifest vouches for, until it is discarded', async () => {
    const run = await makeRun(await tempFolder(), size)
    await exportRun(await optionsOf(run, { k: 5 }))
    const before = await left(run)
    for (const attempt of [() => shard(run, 0, 3), () => merge(run, 3)]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'EXPORTED',
        fix: expect.stringContaining('--discard'),
      })
    }
    // The export that stands is the one that is wanted: there is nothing to do.
    expect((await shard(run, 0, 3, { k: 5 })).isNew).toBe(false)
    expect((await merge(run, 3, { k: 5 })).isNew).toBe(false)
    expect(await left(run)).toEqual(before)
    await discardScores(await openRun(run.store))
    await shards(run, 3)
    await merge(run, 3)
    expect((await manifestOf(run)).scores?.k).toBe(10)
  })

  it('is swept away by a single export, with every receipt', async () => {
    const run = await makeRun(await tempFolder(), size)
    const expected = await singleExport(run)
    await shards(run, 5, { k: 7 })
    await exportRun(await optionsOf(run))
    expect(await left(run)).toEqual(expected)
  })
})
