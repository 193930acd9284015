import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Random } from '../../job/data/random.ts'
import { nightIdOf } from '../../job/nightly/night-id.ts'
import { LocalKv } from '../../job/publish/local-kv.ts'
import { readMeta, readPointer } from '../../job/publish/pointer.ts'
import { isWhole } from '../../job/publish/superseded.ts'
import { openStore } from '../../job/store/open-store.ts'
import { versionKeys } from '../../shared/kv-keys.ts'
import { describeWith } from '../capabilities.ts'
import { Rgw } from '../store/rgw.ts'
import { tempFolder } from '../temp-folder.ts'
import { dropRows, quick } from './made-night.ts'

/** How often each night is killed; 50 is what `NIGHTJAR_KILLS=50 npx vitest run test/nightly/kills.test.ts` shows. */
const kills = Number(process.env.NIGHTJAR_KILLS ?? 4)

/** A place of files with its nights, and the local KV that they publish to. */
interface Shop {
  place: string
  state: string
}

const idOf = (day: number) => nightIdOf(new Date(`2026-11-${day}T02:00:00Z`))

/** Starts a night in a process group of its own, so that a kill takes the runtime of the local KV with it, as a container's end does. */
function startNight({ place, state }: Shop, day: number): { child: ChildProcess; output: () => string } {
  const options = Object.entries({
    import: `${place}/incoming`,
    dataset: `${place}/shop`,
    runs: `${place}/nights`,
    to: `local:${state}`,
    at: `2026-11-${day}T02:00:00Z`,
    k: '20',
    model: 'jca',
    hidden: String(quick.hidden),
    'learning-rate': String(quick.learningRate),
    epochs: String(quick.epochs),
    'checkpoint-every': '2',
    'gate-min-users': '50',
    'gate-margin': '0.2',
    engine: 'wasm',
    threads: '1',
  }).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(process.execPath, [join('bin', 'nightjar.mjs'), 'nightly', ...options], {
    detached: true,
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (some) => (text += some))
  return { child, output: () => text }
}

async function runNight(shop: Shop, day: number): Promise<void> {
  const { child, output } = startNight(shop, day)
  const [code] = await once(child, 'close')
  expect(code, output()).toBe(0)
}

/** Kills a night after `afterMs`; false where it had ended by then. */
async function killedNight(shop: Shop, day: number, afterMs: number): Promise<boolean> {
  const { child } = startNight(shop, day)
  const closed = once(child, 'close')
  await Promise.race([closed, sleep(afterMs)])
  if (child.exitCode !== null) return false
  process.kill(-(child.pid as number), 'SIGKILL')
  await closed
  return true
}

/** Whatever is served is whole. @returns its version */
async function servedVersion({ state }: Shop): Promise<string | undefined> {
  const kv = new LocalKv(state)
  try {
    const pointer = await readPointer(kv)
    if (pointer === undefined) return undefined
    const meta = await readMeta(kv, pointer.current)
    expect(
      meta !== undefined && (await isWhole(kv, meta)),
      `${pointer.current} is served and not whole`,
    ).toBe(true)
    return pointer.current
  } finally {
    await kv.close()
  }
}

/** sha256 of everything that a night makes and that must not depend on how often it was killed. */
async function made({ place, state }: Shop, day: number): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const files = openStore(place)
  for (const { key } of await files.list()) {
    if (/\.(arrow|safetensors)$/.test(key)) digests[key] = digest(await files.read(key))
  }
  const kv = new LocalKv(state)
  try {
    const meta = await readMeta(kv, idOf(day))
    if (meta === undefined) throw new Error(`${idOf(day)} is not published`)
    // Its description has the time at which it was trained; all else is bytes of rows.
    for (const key of versionKeys(meta).filter((name) => !name.endsWith('/meta')))
      digests[key] = digest((await kv.get(key)) ?? new Uint8Array())
  } finally {
    await kv.close()
  }
  return digests
}

async function opened(place: (folder: string) => string): Promise<Shop> {
  const folder = await tempFolder()
  const shop = { place: place(folder), state: join(folder, 'state') }
  await dropRows(shop.place, 'monday.csv', 0, 0.8)
  await runNight(shop, 25)
  await dropRows(shop.place, 'tuesday.csv', 0.8, 1)
  return shop
}

/** The night that nobody disturbs, and how long it takes. */
async function undisturbed(): Promise<{ wanted: Record<string, string>; tookMs: number }> {
  const shop = await opened((folder) => folder)
  const began = performance.now()
  await runNight(shop, 26)
  const tookMs = performance.now() - began
  expect(await servedVersion(shop)).toBe(idOf(26))
  return { wanted: await made(shop, 26), tookMs }
}

it('a night that is killed again and again ends with the same bytes, and what is served is whole all the while', async () => {
  const { wanted, tookMs } = await undisturbed()
  const shop = await opened((folder) => folder)
  const random = new Random(3)
  for (let kill = 0; kill < kills; kill++) {
    await killedNight(shop, 26, random.next() * tookMs)
    expect([idOf(25), idOf(26)]).toContain(await servedVersion(shop))
  }
  await runNight(shop, 26)
  expect(await servedVersion(shop)).toBe(idOf(26))
  expect(await made(shop, 26)).toEqual(wanted)
}, 900_000)

describeWith('ceph', 'a night in a bucket', () => {
  it('makes the bytes of a local one, also when job and gateway are killed again and again', async () => {
    const { wanted, tookMs } = await undisturbed()
    const rgw = await Rgw.start()
    onTestFinished(() => rgw.stop())
    for (const [name, value] of Object.entries(rgw.environment)) vi.stubEnv(name, value)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const client = new S3Client({ region: 'us-east-1', forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'nights' }))
    client.destroy()
    const shop = await opened(() => 's3://nights/shop')
    const random = new Random(4)
    for (let kill = 0; kill < kills; kill++) {
      const afterMs = random.next() * 2 * tookMs
      if (kill % 2 === 0) {
        await killedNight(shop, 26, afterMs)
      } else {
        // The gateway goes, and comes back a second later: the night may live through it, or end with an error.
        const { child, output } = startNight(shop, 26)
        const closed = once(child, 'close')
        await Promise.race([closed, sleep(afterMs)])
        await rgw.kill()
        await sleep(1000)
        await rgw.restart()
        const [code] = await closed
        expect(code === 0 || /^\[S3_|^\[STORE_/m.test(output()), `exit ${code}: ${output()}`).toBe(true)
      }
      expect([idOf(25), idOf(26)]).toContain(await servedVersion(shop))
    }
    await runNight(shop, 26)
    expect(await servedVersion(shop)).toBe(idOf(26))
    expect(await made(shop, 26)).toEqual(wanted)
  }, 1_800_000)
})
