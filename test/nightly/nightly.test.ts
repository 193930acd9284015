import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDataset } from '../../job/data/dataset.ts'
import { forgetUsers } from '../../job/data/forget-users.ts'
import { openRun } from '../../job/data/run.ts'
import { blendKind } from '../../job/models/blend.ts'
import { describeNight } from '../../job/nightly/describe-night.ts'
import { nightIdOf, nightOfDay, parsePlannedAt } from '../../job/nightly/night-id.ts'
import { reportInputOf } from '../../job/nightly/night-report.ts'
import { type NightResult, runNight } from '../../job/nightly/nightly.ts'
import { rollback } from '../../job/publish/versions.ts'
import { reportOf } from '../../job/report/write-report.ts'
import { acquireLease } from '../../job/store/lease.ts'
import { openStore } from '../../job/store/open-store.ts'
import { joinPlace } from '../../job/store/place.ts'
import { presetOptions } from '../../job/train/train-options.ts'
import type { CurrentPointer } from '../../shared/version-meta.ts'
import { MemoryKv } from '../publish/memory-kv.ts'
import { tempFolder } from '../temp-folder.ts'
import { dropRows, madeNight, quick } from './made-night.ts'

/** What a night ended with. */
function stateOf(result: NightResult) {
  if (result.kind !== 'ended') throw new Error(`the night is ${result.kind}`)
  return result.state
}

const current = (kv: MemoryKv) => kv.json<{ current: string }>('current')?.current

async function digests(folder: string): Promise<Record<string, string>> {
  const store = openStore(folder)
  const files = await store.list()
  const entries = await Promise.all(
    files.map(
      async ({ key }) =>
        [
          key,
          createHash('sha256')
            .update(await store.read(key))
            .digest('hex'),
        ] as const,
    ),
  )
  return Object.fromEntries(entries)
}

describe("a night's id", () => {
  it('is that of the time that it was planned for, however it is written', () => {
    const ids = ['2026-11-26T02:00:00Z', '2026-11-26T03:00:00+01:00', '2026-11-26T02:00:00.000Z'].map(
      (text) => nightIdOf(parsePlannedAt(text)),
    )
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^20261126T020000Z-[0-9a-f]{6}$/)
    expect(nightIdOf(parsePlannedAt('2026-11-26'))).toBe(
      nightIdOf(nightOfDay(new Date('2026-11-26T23:59:00Z'))),
    )
  })

  it('wants a date, or a time with its zone', () => {
    for (const text of ['tonight', '2026-11-26T02:00:00', '2026-13-01', '', '26.11.2026']) {
      expect(() => parsePlannedAt(text), text).toThrow(/invalid --at/)
    }
  })
})

describe('nights', () => {
  let first: string
  const firstKv = new MemoryKv()

  /** The folder after the first night, and what it published: where each of the tests goes on. */
  async function afterFirst(): Promise<{ folder: string; kv: MemoryKv }> {
    const folder = await tempFolder()
    await cp(first, folder, { recursive: true })
    const kv = new MemoryKv()
    for (const [key, value] of firstKv.values) kv.values.set(key, value)
    return { folder, kv }
  }

  beforeAll(async () => {
    first = await mkdtemp(join(tmpdir(), 'nightjar-nights-'))
    await dropRows(first, 'monday.csv', 0, 0.8)
    const state = stateOf(await runNight(madeNight(first, 25, { target: firstKv })))
    expect(state.outcome).toMatchObject({ kind: 'published' })
    expect(state).toMatchObject({ live: null, listRefusals: [] })
    expect(current(firstKv)).toBe(state.nightId)
  })
  afterAll(() => rm(first, { recursive: true, force: true }))

  it('compares with the live version on rows that neither has seen, then trains on all of them', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const state = stateOf(await runNight(madeNight(folder, 26, { target: kv })))
    expect(state.outcome?.kind).toBe('published')
    expect(state.gate).toMatchObject({ mode: 'new-rows', passed: true, liveVersion: current(firstKv) })
    expect(state.gate?.users).toBe(state.gate?.usersWithNewRows)
    expect(kv.json('current')).toMatchObject({ current: state.nightId, previous: current(firstKv) })

    const run = await openRun(openStore(join(folder, 'nights', state.nightId)))
    expect(run.manifest.versionId).toBe(state.nightId)
    // All rows, for as many epochs as the candidate found best; and what is known of its quality.
    expect(run.manifest.dataset.parts).toBe(2)
    expect(run.manifest.epochs).toMatchObject({ best: state.searched?.epochs, refit: true })
    expect(run.manifest.validation).toEqual(state.searched?.validation)
    // What was trained for the gate alone is gone; the log tells of every step.
    const keys = (await run.store.list()).map(({ key }) => key)
    expect(keys.filter((key) => /^(candidate|reduced)/.test(key))).toEqual([])
    // The last thing before it was published: how the night went, as a page that can be made again to the byte.
    const page = new TextDecoder().decode(await run.store.read('report.html'))
    expect(page).toContain('gate: passed')
    expect(state.report).toMatchObject({ path: 'report.html', bytes: Buffer.byteLength(page) })
    expect(page).toContain(`compared with that version’s lists on those rows: ${state.gate?.users} users`)
    expect(page).toContain(`Compared with ${current(firstKv)}`)
    expect(await reportOf(await reportInputOf(run, { note: (text) => expect.fail(text) }))).toBe(page)
    const log = new TextDecoder()
      .decode(await run.store.read('log.jsonl'))
      .trim()
      .split('\n')
    expect(log.map((line) => JSON.parse(line).event)).toEqual(
      expect.arrayContaining(['nightly.start', 'nightly.import', 'nightly.gate', 'nightly.done']),
    )
    expect(new Set(log.map((line) => JSON.parse(line).nightId))).toEqual(new Set([state.nightId]))
  })

  it('do nothing when they have ended', async () => {
    const { folder, kv } = await afterFirst()
    const before = await digests(folder)
    const puts = kv.puts
    const again = await runNight(madeNight(folder, 25, { target: kv }))
    expect(again).toMatchObject({ kind: 'ended', before: true })
    expect(describeNight(again)).toMatch(/ended before, .*: nothing was done/)
    expect(await digests(folder)).toEqual(before)
    expect(kv.puts).toBe(puts)
  })

  it('end unchanged where nothing came, and not where somebody was forgotten', async () => {
    const { folder, kv } = await afterFirst()
    const openEngine = () => Promise.reject(new Error('nothing is to be trained'))
    const state = stateOf(await runNight(madeNight(folder, 26, { target: kv, openEngine })))
    expect(state.outcome?.kind).toBe('unchanged')
    expect(current(kv)).toBe(current(firstKv))

    await forgetUsers(await openDataset(openStore(join(folder, 'shop'))), ['user-7'], false)
    const after = stateOf(await runNight(madeNight(folder, 27, { target: kv })))
    expect(after.outcome?.kind).toBe('published')
    const values = [...kv.values].filter(([key]) => key.startsWith(`v/${after.nightId}/b/`))
    expect(values.some(([, value]) => Buffer.from(value).includes('user-8'))).toBe(true)
    expect(values.some(([, value]) => Buffer.from(value).includes('"user-7"'))).toBe(false)
  })

  it('compare on a common reduced set where few users have new rows', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 0.81)
    const gate = { ...madeNight(folder, 26).gate, minUsers: 1000 }
    const same = stateOf(await runNight(madeNight(folder, 26, { target: kv, gate })))
    expect(same.gate).toMatchObject({
      mode: 'common-reduced-set',
      sameConfiguration: true,
      difference: 0,
      passed: true,
    })

    await dropRows(folder, 'wednesday.csv', 0.81, 0.82)
    const train = { ...madeNight(folder, 27).train, hidden: 24 }
    const other = stateOf(await runNight(madeNight(folder, 27, { target: kv, train, gate })))
    expect(other.gate).toMatchObject({ mode: 'common-reduced-set', sameConfiguration: false })
    expect(other.gate?.difference).not.toBe(0)
    expect(other.gate?.users).toBeGreaterThan(250)
  })

  it('are refused where the candidate is worse, leave what is served whole, and publish when forced', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const served = new Map(kv.values)
    const bad = { train: { ...madeNight(folder, 26).train, ...quick, epochs: 1 }, target: kv }
    const refused = await runNight(madeNight(folder, 26, bad))
    const state = stateOf(refused)
    expect(state.outcome?.kind).toBe('refused')
    expect(state.gate?.refusals.map(({ code }) => code)).toContain('WORSE')
    expect(describeNight(refused)).toMatch(/gate {7}REFUSED[\s\S]*WORSE[\s\S]*--force/)
    expect(new Map(kv.values)).toEqual(served)
    // Once more: the same answer, and nothing is done.
    expect(await runNight(madeNight(folder, 26, bad))).toMatchObject({ before: true })

    const gate = { ...madeNight(folder, 26).gate, force: true }
    const forced = stateOf(await runNight(madeNight(folder, 26, { ...bad, gate })))
    expect(forced).toMatchObject({ outcome: { kind: 'published' }, gate: { passed: false, forced: true } })
    expect(current(kv)).toBe(forced.nightId)
  })

  it('publish beside a version that is pinned', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const { clock } = madeNight(folder, 26)
    await rollback(kv, clock, { to: current(firstKv) ?? '' })
    const target = Object.assign(kv, { place: 'local:kv' })
    const state = stateOf(await runNight(madeNight(folder, 26, { target })))
    expect(state.outcome).toMatchObject({
      kind: 'beside',
      why: expect.stringMatching(/nightjar rollback --unpin --at local:kv$/),
    })
    expect(current(kv)).toBe(current(firstKv))
  })

  it('go to one of two jobs, and the other says who has it', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const job = (id: string) =>
      madeNight(folder, 26, { target: kv, holder: { job: { id, attempt: 1 }, host: id, process: 1 } })
    const results = await Promise.all([runNight(job('a')), runNight(job('b'))])
    const held = results.find(({ kind }) => kind === 'held')
    if (held?.kind !== 'held') throw new Error('both were at it')
    expect(results.filter(({ kind }) => kind === 'ended')).toHaveLength(1)
    expect(describeNight(held)).toMatch(
      /held {7}by job [ab] \(attempt 1\) on [ab], process 1, until 2026-11-26T02:05:10/,
    )
  })

  it('write nothing more once another job has taken over', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const night = madeNight(folder, 26, { target: kv })
    const place = join(folder, 'nights', nightIdOf(night.plannedAt))
    const served = new Map(kv.values)
    const openEngine = async () => {
      // This process hangs for an hour, and is taken for dead.
      night.clock.advance(3_600_000)
      const { lease } = await acquireLease(
        openStore(place),
        'lease',
        { job: { id: 'other', attempt: 1 }, host: 'there', process: 2 },
        night.clock,
      )
      expect(lease?.generation).toBe(2)
      return night.openEngine()
    }
    await expect(runNight({ ...night, openEngine })).rejects.toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('job other (attempt 1) on there, process 2'),
    })
    expect(new Map(kv.values)).toEqual(served)
    const keys = (await openStore(place).list()).map(({ key }) => key)
    expect(keys.filter((key) => !/^(lease\/|night\.json|log\.jsonl)/.test(key))).toEqual([])
  })

  it('go on with the options that they began with, or not at all', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const openEngine = () => Promise.reject(new Error('the power went out'))
    await expect(runNight(madeNight(folder, 26, { target: kv, openEngine }))).rejects.toThrow('power')
    await expect(runNight(madeNight(folder, 26, { target: kv, k: 10 }))).rejects.toMatchObject({
      code: 'NIGHT_OTHER',
      message: expect.stringContaining('k was 20, is 10'),
    })
    // Rows that came in between are another night's.
    await dropRows(folder, 'late.csv', 0, 0.1, 310)
    const state = stateOf(await runNight(madeNight(folder, 26, { target: kv })))
    expect(state.outcome?.kind).toBe('published')
    expect(state.dataset?.parts).toBe(2)
  })

  it('go on with a blend, whose parts are lists of options', async () => {
    const { folder } = await afterFirst()
    const quickParts = ['ials', 'ease', 'item-knn']
    const parts = blendKind.defaults.parts.filter(({ model }) => quickParts.includes(model))
    const train = { ...presetOptions('best', blendKind), model: 'blend', parts }
    const night = { target: new MemoryKv(), train, runs: joinPlace(folder, 'blended') }
    const openEngine = () => Promise.reject(new Error('the power went out'))
    await expect(runNight(madeNight(folder, 26, { ...night, openEngine }))).rejects.toThrow('power')
    const other = { ...night, train: { ...train, parts: parts.slice(1) } }
    await expect(runNight(madeNight(folder, 26, other))).rejects.toMatchObject({
      code: 'NIGHT_OTHER',
      message: expect.stringContaining('parts was [{"model":"ials"'),
    })
    expect(stateOf(await runNight(madeNight(folder, 26, night))).outcome?.kind).toBe('published')
  })

  it('begin with the weights of the live version where they are asked to', async () => {
    const { folder, kv } = await afterFirst()
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const state = stateOf(await runNight(madeNight(folder, 26, { target: kv, warmStart: true })))
    const { manifest } = await openRun(openStore(join(folder, 'nights', state.nightId)))
    expect(manifest.warmStart).toMatchObject({ versionId: current(firstKv), users: 300 })
  })

  it('find the run of the live version where it was published from', async () => {
    const { folder, kv } = await afterFirst()
    await rm(join(folder, 'nights'), { recursive: true })
    const live = current(kv) as string
    await dropRows(folder, 'tuesday.csv', 0.8, 1)
    const { outcome, ...state } = stateOf(await runNight(madeNight(folder, 26, { target: kv })))
    expect([outcome?.kind, state.live]).toEqual([
      'published',
      { versionId: live, run: join(first, 'nights', live) },
    ])
    expect(kv.json<CurrentPointer>('current')?.runs).toEqual({
      [live]: join(first, 'nights', live),
      [state.nightId]: join(folder, 'nights', state.nightId),
    })
  })

  it('say what to do where the run of the live version is damaged', async () => {
    const { folder, kv } = await afterFirst()
    const manifest = join(folder, 'nights', current(kv) as string, 'manifest.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).slice(0, 300))
    await expect(runNight(madeNight(folder, 26, { target: kv }))).rejects.toMatchObject({
      code: 'NIGHT_LIVE_RUN',
      message: expect.stringContaining('is damaged'),
      fix: expect.stringContaining('nightjar rollback'),
    })
  })

  it('say where the run of the live version is missing', async () => {
    const { folder, kv } = await afterFirst()
    await rm(join(folder, 'nights'), { recursive: true })
    const published = join(folder, 'gone')
    const pointer = { ...kv.json<CurrentPointer>('current'), runs: { [current(kv) as string]: published } }
    kv.values.set('current', new TextEncoder().encode(JSON.stringify(pointer)))
    await expect(runNight(madeNight(folder, 26, { target: kv }))).rejects.toMatchObject({
      code: 'NIGHT_LIVE_RUN',
      message: expect.stringContaining(`nor at ${published}`),
    })
    await expect(runNight(madeNight(folder, 26, { target: kv }))).rejects.toMatchObject({
      code: 'NIGHT_LIVE_RUN',
      fix: expect.stringContaining('--live-run'),
    })
  })
})
