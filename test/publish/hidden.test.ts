import { rm } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { hide, readHidden, unhide } from '../../job/publish/hidden.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { rollback, unpin } from '../../job/publish/versions.ts'
import { hiddenKey, itemBucketKey } from '../../shared/kv-keys.ts'
import { nastyIds } from '../nasty-ids.ts'
import { madeClock, madeData, makeRun } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const first = '20260421T031500Z-aaaaaa'
const second = '20260422T031500Z-bbbbbb'
const third = '20260423T031500Z-cccccc'
const at = '2026-04-25T00:00:00.000Z'
const later = '2026-04-26T00:00:00.000Z'

let target: MemoryKv
beforeEach(() => {
  target = new MemoryKv()
})

async function publish(versionId: string, keep = 3) {
  const { run, dataset, folder } = await makeRun(madeData(versionId, 20, 10, 3))
  await publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress, keep })
  await rm(folder, { recursive: true })
}

describe('hide', () => {
  test('puts one key, sorted, and adds to what is there', async () => {
    await publish(first)
    const puts = target.puts
    await hide(target, madeClock(at), ['item-7', 'item-1'])
    expect(target.json(hiddenKey)).toEqual({ items: ['item-1', 'item-7'], changedAt: at })
    expect(await hide(target, madeClock(later), ['item-3', 'item-7', 'item-3'])).toEqual({
      hidden: ['item-3'],
      alreadyHidden: ['item-7'],
      live: { versionId: first, unknown: [] },
      items: ['item-1', 'item-3', 'item-7'],
      changedAt: later,
    })
    expect(target.json(hiddenKey)).toEqual({ items: ['item-1', 'item-3', 'item-7'], changedAt: later })
    expect(target.puts - puts).toBe(2)
  })

  test('of what is hidden already puts nothing, and says so', async () => {
    await hide(target, madeClock(at), ['x'])
    const puts = target.puts
    const again = await hide(target, madeClock(later), ['x'])
    expect(again).toMatchObject({ hidden: [], alreadyHidden: ['x'], items: ['x'], changedAt: at })
    expect(target.puts).toBe(puts)
  })

  test('takes any id', async () => {
    await hide(target, madeClock(at), nastyIds)
    expect((await readHidden(target)).items).toEqual([...nastyIds].sort())
    expect((await unhide(target, madeClock(later), nastyIds)).items).toEqual([])
  })

  test('refuses an empty id, and hides none of the others', async () => {
    await expect(hide(target, madeClock(at), ['a', ''])).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 })
    expect(target.values.size).toBe(0)
  })

  test('hides what the live version does not know, and names it', async () => {
    await publish(first)
    const { hidden, live } = await hide(target, madeClock(at), ['item-1', 'new'])
    expect([hidden, live]).toEqual([['item-1', 'new'], { versionId: first, unknown: ['new'] }])
  })

  test('works before anything is published', async () => {
    const { live, items } = await hide(target, madeClock(at), ['a'])
    expect([live, items]).toEqual([{ versionId: null, unknown: ['a'] }, ['a']])
  })

  test.each([
    ['missing', () => target.values.delete(itemBucketKey(first, 0))],
    ['damaged', () => target.values.set(itemBucketKey(first, 0), Uint8Array.of(1, 2, 3))],
  ])('works where the live version is %s, and says that it could not look', async (_, damage) => {
    await publish(first)
    damage()
    const { live, items } = await hide(target, madeClock(at), ['item-1'])
    expect([live, items]).toEqual([{ versionId: first, unknown: null }, ['item-1']])
  })

  test('takes 10,000 ids and no more', async () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `item-${i}`)
    await hide(target, madeClock(at), ids)
    const before = target.values.get(hiddenKey)
    await expect(hide(target, madeClock(at), ['one more'])).rejects.toMatchObject({
      code: 'HIDDEN_TOO_MANY',
      message: '10001 items would be hidden in memory, and there may be 10000',
    })
    expect(target.values.get(hiddenKey)).toEqual(before)
  })

  test('refuses a value of more than a million bytes', async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(1000, '.'))
    await expect(hide(target, madeClock(at), ids)).rejects.toMatchObject({ code: 'HIDDEN_TOO_LARGE' })
    expect(target.values.size).toBe(0)
  })
})

describe('unhide', () => {
  test('takes ids out, and tells which were not hidden', async () => {
    await hide(target, madeClock(at), ['a', 'b', 'c'])
    expect(await unhide(target, madeClock(later), ['b', 'z'])).toEqual({
      unhidden: ['b'],
      notHidden: ['z'],
      items: ['a', 'c'],
      changedAt: later,
    })
    expect(target.json(hiddenKey)).toEqual({ items: ['a', 'c'], changedAt: later })
  })

  test('of what is not hidden puts nothing', async () => {
    expect(await unhide(target, madeClock(at), ['z'])).toEqual({
      unhidden: [],
      notHidden: ['z'],
      items: [],
      changedAt: null,
    })
    expect((await unhide(target, madeClock(at), 'all')).unhidden).toEqual([])
    expect(target.puts).toBe(0)
  })

  test('all empties the list', async () => {
    await hide(target, madeClock(at), ['a', 'b'])
    const done = await unhide(target, madeClock(later), 'all')
    expect(done).toEqual({ unhidden: ['a', 'b'], notHidden: [], items: [], changedAt: later })
    expect(await readHidden(target)).toEqual({ items: [], changedAt: later })
  })
})

test('a damaged list is an error that tells how to mend it, and unhide all mends it', async () => {
  const damaged = new TextEncoder().encode('{"items":')
  target.values.set(hiddenKey, damaged)
  const error = { code: 'KV_DAMAGED', fix: expect.stringContaining('nightjar unhide --all') }
  await expect(readHidden(target)).rejects.toMatchObject(error)
  await expect(hide(target, madeClock(at), ['a'])).rejects.toMatchObject(error)
  await expect(unhide(target, madeClock(at), ['a'])).rejects.toMatchObject(error)
  expect(target.values.get(hiddenKey)).toEqual(damaged)
  await unhide(target, madeClock(at), 'all')
  expect(target.json(hiddenKey)).toEqual({ items: [], changedAt: at })
})

test('publishing, a failed publication, deleting superseded versions and rolling back leave the key as it is', async () => {
  await publish(first)
  await hide(target, madeClock(at), ['item-1'])
  const before = target.values.get(hiddenKey)
  const touched: string[] = []
  target.onPut = (key) => touched.push(key)
  await publish(second, 1)
  await publish(third, 1)
  expect(target.keysOf(first)).toEqual([])
  target.failAtPut = target.puts + 2
  await expect(publish('20260424T031500Z-dddddd')).rejects.toThrow('the network is gone')
  await rollback(target, madeClock())
  await unpin(target)
  expect(target.values.get(hiddenKey)).toEqual(before)
  expect(touched).not.toContain(hiddenKey)
})
