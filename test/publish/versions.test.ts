import { rm } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { listVersions, rollback, unpin } from '../../job/publish/versions.ts'
import { currentKey, popularKey } from '../../shared/kv-keys.ts'
import type { CurrentPointer } from '../../shared/version-meta.ts'
import { madeClock, madeData, makeRun } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const first = '20260421T031500Z-aaaaaa'
const second = '20260422T031500Z-bbbbbb'
const third = '20260423T031500Z-cccccc'
const fourth = '20260424T031500Z-dddddd'

let target: MemoryKv
beforeEach(() => {
  target = new MemoryKv()
})

async function publish(...versionIds: string[]) {
  for (const versionId of versionIds) {
    const { run, dataset, folder } = await makeRun(madeData(versionId, 20, 10, 3))
    await publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress })
    await rm(folder, { recursive: true })
  }
}
const pointer = () => target.json<CurrentPointer>(currentKey) as CurrentPointer

test('a command that is suggested for another place than the usual one names it', async () => {
  await publish(first)
  const wrong = { to: 'nix' }
  await expect(rollback(target, madeClock(), wrong)).rejects.toMatchObject({ fix: 'nightjar versions' })
  const elsewhere = Object.assign(target, { place: 'local:work/kv' })
  await expect(rollback(elsewhere, madeClock(), wrong)).rejects.toMatchObject({
    fix: 'nightjar versions --at local:work/kv',
  })
  await expect(unpin(Object.assign(new MemoryKv(), { place: 'cloudflare:abc' }))).rejects.toMatchObject({
    fix: 'nightjar publish RUN --to cloudflare:abc',
  })
})

describe('rollback', () => {
  test('serves the version before, and pins it', async () => {
    await publish(first, second)
    const change = await rollback(target, madeClock('2026-04-25T00:00:00.000Z'))
    expect(change.from).toBe(second)
    expect(change.pointer).toEqual(pointer())
    expect(pointer()).toEqual({
      current: first,
      previous: second,
      pinned: first,
      retained: [second, first],
      runs: { [first]: expect.stringMatching(/run$/), [second]: expect.stringMatching(/run$/) },
      publishedAt: '2026-04-25T00:00:00.000Z',
    })
  })

  test('is kept by later publications, until it is unpinned', async () => {
    await publish(first, second)
    await rollback(target, madeClock())
    await publish(third)
    expect(pointer()).toMatchObject({ current: first, previous: second, retained: [third, second, first] })
    await unpin(target)
    expect(pointer()).toMatchObject({ current: first, pinned: null })
    await publish(fourth)
    expect(pointer()).toMatchObject({ current: fourth, previous: first, pinned: null })
  })

  test('goes to any version that is there, with a pin or without', async () => {
    await publish(first, second, third)
    await rollback(target, madeClock(), { to: first })
    expect(pointer()).toMatchObject({ current: first, previous: third, pinned: first })
    await rollback(target, madeClock(), { to: third, pin: false })
    expect(pointer()).toMatchObject({ current: third, previous: first, pinned: null })
  })

  test('to the served version only pins it', async () => {
    await publish(first, second)
    const before = pointer()
    await rollback(target, madeClock('2026-04-25T00:00:00.000Z'), { to: second })
    expect(pointer()).toEqual({ ...before, pinned: second })
  })

  test('does not go back to the bad version when it is asked twice', async () => {
    await publish(first, second)
    await rollback(target, madeClock())
    await expect(rollback(target, madeClock())).rejects.toMatchObject({
      code: 'ALREADY_ROLLED_BACK',
      fix: `name the version: nightjar rollback --to VERSION, one of ${second}`,
    })
    expect(pointer().current).toBe(first)
  })

  test('refuses what is not there, naming what is', async () => {
    await expect(rollback(target, madeClock())).rejects.toMatchObject({ code: 'NOTHING_PUBLISHED' })
    await expect(unpin(target)).rejects.toMatchObject({ code: 'NOTHING_PUBLISHED' })
    await publish(first)
    await expect(rollback(target, madeClock())).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK_TO' })
    await expect(rollback(target, madeClock(), { to: second })).rejects.toThrow(
      `unknown version: ${second} (memory has ${first})`,
    )
  })

  test('refuses a version whose deletion was begun', async () => {
    await publish(first, second)
    target.values.delete(popularKey(first))
    await expect(rollback(target, madeClock())).rejects.toMatchObject({ code: 'VERSION_INCOMPLETE' })
    expect(pointer().current).toBe(second)
  })
})

test('listVersions tells what is there and which part each plays', async () => {
  expect(await listVersions(target)).toBeUndefined()
  await publish(first, second, third)
  await rollback(target, madeClock(), { to: second })
  const found = await listVersions(target)
  expect(found?.pointer).toEqual(pointer())
  expect(found?.versions).toMatchObject([
    { versionId: third, current: false, previous: true, pinned: false, meta: { users: 20, k: 3 } },
    { versionId: second, current: true, previous: false, pinned: true },
    { versionId: first, current: false, previous: false, pinned: false },
  ])
})

test('a pointer that nightjar did not write is refused', async () => {
  target.values.set(currentKey, new TextEncoder().encode('{"current": 3}'))
  await expect(listVersions(target)).rejects.toMatchObject({ code: 'KV_DAMAGED' })
})
