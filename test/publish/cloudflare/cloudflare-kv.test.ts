import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { silentProgress } from '../../../job/progress.ts'
import { CloudflareKv, type CloudflareOptions } from '../../../job/publish/cloudflare/cloudflare-kv.ts'
import { LocalKv } from '../../../job/publish/local-kv.ts'
import { publishRun } from '../../../job/publish/publish-run.ts'
import { currentKey, metaKey, versionKeys } from '../../../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../../../shared/version-meta.ts'
import { ManualClock } from '../../manual-clock.ts'
import { describeKvTarget } from '../kv-target-contract.ts'
import { madeClock, madeData, makeRun } from '../made-run.ts'
import { MemoryKv } from '../memory-kv.ts'
import { accountId, FakeCloudflare, type Fault, namespaceId, token } from './fake-cloudflare.ts'

const oldest = '20260420T031500Z-999999'
const first = '20260421T031500Z-aaaaaa'
const second = '20260422T031500Z-bbbbbb'

const fakes: FakeCloudflare[] = []
async function newFake(): Promise<FakeCloudflare> {
  const fake = await FakeCloudflare.open()
  fakes.push(fake)
  return fake
}
afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.close()))
})

/** A target whose waits pass at once on a clock that the fake reads too. */
function targetOf(fake: FakeCloudflare, options: Partial<CloudflareOptions> = {}) {
  const clock = new ManualClock('2026-04-23T04:00:00.000Z')
  const slept: number[] = []
  fake.now = () => clock.elapsedMs()
  const sleep = async (ms: number) => {
    slept.push(ms)
    clock.advance(ms)
  }
  const waits = { now: () => clock.elapsedMs(), sleep }
  const { baseUrl } = fake
  const target = new CloudflareKv({
    accountId,
    namespaceId,
    token,
    baseUrl,
    waits,
    random: () => 0.5,
    ...options,
  })
  return { target, slept }
}

{
  let fake: FakeCloudflare
  beforeAll(async () => {
    fake = await FakeCloudflare.open()
  })
  afterAll(() => fake.close())
  describeKvTarget('CloudflareKv', async () => targetOf(fake).target)
}

{
  // Wrangler's own KV behind the routes. Its local REST routes know no bulk writes, so the routes are the fake's.
  let folder: string
  let local: LocalKv
  let fake: FakeCloudflare
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightjar-routes-'))
    local = new LocalKv(folder)
    fake = await FakeCloudflare.open(local)
  })
  afterAll(async () => {
    await fake.close()
    await local.close()
    await rm(folder, { recursive: true, force: true })
  })
  describeKvTarget("CloudflareKv over wrangler's own KV", async () => targetOf(fake).target)

  test("a version goes into wrangler's own KV, and from there to a worker, with the bytes of any other", async () => {
    const made = await makeRun(madeData(first, 300, 40, 10))
    const options = { clock: madeClock(), progress: silentProgress }
    const memory = new MemoryKv()
    await publishRun(made.run, made.dataset, memory, options)
    await publishRun(made.run, made.dataset, targetOf(fake).target, options)
    for (const [key, value] of memory.values) {
      expect(Buffer.from((await local.get(key)) ?? []).equals(value), key).toBe(true)
    }
    await rm(made.folder, { recursive: true })
  })
}

describe('one request', () => {
  let fake: FakeCloudflare
  beforeEach(async () => {
    fake = await newFake()
  })

  test('a key with any character is read as it was put', async () => {
    const { target } = targetOf(fake)
    const key = 'v/ü %2F?#&+/b'
    await target.putMany([{ key, value: Uint8Array.of(7) }])
    expect([...fake.kv.values.keys()]).toEqual([key])
    expect(await target.get(key)).toEqual(Uint8Array.of(7))
  })

  test('more than 10,000 pairs go in several writes, and deletions too', async () => {
    const { target } = targetOf(fake)
    const pairs = Array.from({ length: 10_001 }, (_, i) => ({ key: `k/${i}`, value: Uint8Array.of(i) }))
    await target.putMany(pairs)
    expect(fake.requests).toHaveLength(2)
    await target.deleteMany(pairs.map(({ key }) => key))
    expect(fake.requests).toHaveLength(4)
    expect(fake.kv.values.size).toBe(0)
  })

  test.each([['.'], ['..'], [''], ['é'.repeat(257)]])(
    'the key %j is refused before it is sent',
    async (key) => {
      const { target } = targetOf(fake)
      await expect(target.putMany([{ key, value: Uint8Array.of(1) }])).rejects.toMatchObject({
        code: 'KV_KEY',
      })
      expect(fake.requests).toEqual([])
    },
  )

  test('a value of 25 MiB is taken, and one of a byte more is refused before it is sent', async () => {
    const { target } = targetOf(fake)
    const value = new Uint8Array(25 * 1024 * 1024)
    await target.putMany([{ key: 'k', value }])
    expect(fake.kv.values.get('k')?.byteLength).toBe(value.byteLength)
    const more = target.putMany([{ key: 'k', value: new Uint8Array(value.byteLength + 1) }])
    await expect(more).rejects.toMatchObject({ code: 'KV_VALUE_TOO_LARGE' })
  })

  test.each([
    ['another token', { token: 'another-token' }, 'KV_FORBIDDEN', /Workers KV Storage: Edit/],
    ['another account', { accountId: 'acc1' }, 'KV_NAMESPACE', /CLOUDFLARE_ACCOUNT_ID/],
    ['another namespace', { namespaceId: 'ns1' }, 'KV_NAMESPACE', /no such namespace/],
  ])('%s is an error that says so, for a read and for a write, at once', async (_, options, code, why) => {
    const { target } = targetOf(fake, options)
    await expect(target.get('current')).rejects.toMatchObject({ code, why: expect.stringMatching(why) })
    const put = target.putMany([{ key: 'k', value: Uint8Array.of(1) }])
    await expect(put).rejects.toMatchObject({ code, why: expect.stringMatching(why) })
    expect(fake.requests).toHaveLength(2)
  })

  test('429 waits as long as the service asks; without a word, twice as long each time', async () => {
    const { target, slept } = targetOf(fake)
    fake.fault = (n) => [{ status: 429, retryAfter: '120' }, { status: 429 }, { status: 503 }][n]
    expect(await target.get('k')).toBeUndefined()
    expect(slept).toEqual([120_500, 750, 1500])
  })

  test('attempts are bounded, and the token is in no error, whatever the service quotes', async () => {
    const notes: string[] = []
    const { target } = targetOf(fake, { note: (line) => notes.push(line) })
    fake.fault = () => ({ status: 500 })
    const error = await target.get('k').catch((caught) => caught)
    expect(error.code).toBe('KV_UNREACHABLE')
    expect(fake.requests).toHaveLength(7)
    fake.fault = () => ({ status: 400 })
    const refused = await target.get('k').catch((caught) => caught)
    expect(refused.code).toBe('KV_REFUSED')
    const texts = [error.format(), error.stack, refused.format(), refused.stack, ...notes].join('\n')
    expect(texts).toContain('made up for Bearer [token]')
    expect(texts).not.toContain(token)
  })

  test("the day's writes being spent is said at once", async () => {
    const { target } = targetOf(fake)
    fake.fault = () => ({ status: 429, code: 10048 })
    await expect(target.putMany([{ key: 'k', value: Uint8Array.of(1) }])).rejects.toMatchObject({
      code: 'KV_DAILY_LIMIT',
    })
    expect(fake.requests).toHaveLength(1)
  })

  test('keys that the service names as not done are sent again, alone', async () => {
    const { target } = targetOf(fake)
    fake.fault = (n) => (n < 2 ? { kind: 'partial' } : undefined)
    const pairs = Array.from({ length: 8 }, (_, i) => ({ key: `k/${i}`, value: new Uint8Array(999) }))
    await target.putMany(pairs)
    expect(fake.kv.values.size).toBe(8)
    const sizes = fake.requests.map(({ bytes }) => Math.round(bytes / 1370))
    expect(sizes).toEqual([8, 4, 2])
  })

  test('2,000 requests in a row never meet the rate limit', async () => {
    const { target } = targetOf(fake)
    for (let i = 0; i < 2000; i++) await target.get('k')
    // None was refused: a refused one would have been sent again.
    expect(fake.requests).toHaveLength(2000)
  })
})

/** Runs by their version: they are published again and again, and made once. */
const runs = new Map<string, ReturnType<typeof makeRun>>()
afterAll(async () => {
  for (const made of runs.values()) await rm((await made).folder, { recursive: true })
})

async function publish(fake: FakeCloudflare, versionId: string, options: Partial<CloudflareOptions> = {}) {
  const made = runs.get(versionId) ?? makeRun(madeData(versionId, 150, 20, 3))
  runs.set(versionId, made)
  const { run, dataset } = await made
  const { target } = targetOf(fake, options)
  return publishRun(run, dataset, target, { clock: madeClock(), progress: silentProgress, keep: 1 })
}

/** That the served version has all of its keys. */
function expectLiveWhole(fake: FakeCloudflare): string {
  const { current } = fake.kv.json<CurrentPointer>(currentKey) as CurrentPointer
  const meta = fake.kv.json<VersionMeta>(metaKey(current)) as VersionMeta
  for (const key of versionKeys(meta)) expect(fake.kv.values.has(key)).toBe(true)
  return current
}

describe('a publication', () => {
  const faults: [string, Fault][] = [
    ['HTTP 500', { status: 500 }],
    ['429', { status: 429, retryAfter: '30' }],
    ['a reset before it was applied', { kind: 'reset', arrives: false }],
    ['a reset after it was applied', { kind: 'reset', arrives: true }],
    ['no answer', { kind: 'hang', arrives: true }],
    ['keys left undone', { kind: 'partial' }],
  ]

  test.each(faults)('with %s at any one request ends with the same contents', async (_, fault) => {
    const plain = await newFake()
    for (const versionId of [oldest, first, second]) await publish(plain, versionId)
    const start = await newFake()
    await publish(start, oldest)
    await publish(start, first)
    const before = [...start.kv.values]
    const needed = plain.requests.length - start.requests.length
    expect(needed).toBeGreaterThan(10)
    for (let n = 0; n < needed; n++) {
      const fake = await newFake()
      for (const [key, value] of before) fake.kv.values.set(key, value)
      fake.fault = (at) => (at === n ? fault : undefined)
      await publish(fake, second, { timeoutMs: 'kind' in fault && fault.kind === 'hang' ? 150 : 10_000 })
      expect(new Map(fake.kv.values)).toEqual(new Map(plain.kv.values))
    }
  })

  test.each(faults.filter(([name]) => !/no answer|left undone/.test(name)))(
    'with %s from any request on fails, the live version is whole, and a rerun completes',
    async (_, fault) => {
      const plain = await newFake()
      await publish(plain, first)
      const before = [...plain.kv.values]
      const from = plain.requests.length
      await publish(plain, second)
      for (let n = 0; n < plain.requests.length - from; n++) {
        const fake = await newFake()
        for (const [key, value] of before) fake.kv.values.set(key, value)
        fake.fault = (at) => (at >= n ? fault : undefined)
        await publish(fake, second).catch((error) => expect(error.code).toBe('KV_UNREACHABLE'))
        expectLiveWhole(fake)
        fake.fault = () => undefined
        await publish(fake, second)
        expect(expectLiveWhole(fake)).toBe(second)
      }
    },
  )

  test('reads that lag behind what was put are waited for', async () => {
    const fake = await newFake()
    let hidden = 3
    fake.fault = (_, { method, path }) =>
      method === 'GET' && path.includes('popular') && hidden-- > 0 ? { status: 404, code: 10009 } : undefined
    expect(await publish(fake, first)).toMatchObject({ served: true })
    expect(hidden).toBeLessThan(0)
  })

  test('a month of refused nights leaves the live version whole', async () => {
    const fake = await newFake()
    await publish(fake, first)
    const before = new Map(fake.kv.values)
    for (let night = 0; night < 30; night++) {
      const start = fake.requests.length
      fake.fault = (at, { method }) => (method === 'PUT' && at > start ? { status: 403 } : undefined)
      const versionId = `202605${String(night + 1).padStart(2, '0')}T031500Z-cccccc`
      await expect(publish(fake, versionId)).rejects.toMatchObject({ code: 'KV_FORBIDDEN' })
    }
    expect(expectLiveWhole(fake)).toBe(first)
    expect(new Map(fake.kv.values)).toEqual(before)
  })
})
