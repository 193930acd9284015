import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { openStore } from '../../job/store/open-store.ts'
import { S3Store } from '../../job/store/s3/s3-store.ts'
import { loadSdk } from '../../job/store/s3/sdk.ts'
import type { Store } from '../../job/store/store.ts'
import { describeWith } from '../capabilities.ts'
import { runCli } from '../cli/run-cli.ts'
import { tempFolder } from '../temp-folder.ts'
import { Rgw } from './rgw.ts'
import { storeContract } from './store-contract.ts'
import { TriggerProxy } from './trigger-proxy.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const mebibyte = 1024 * 1024
/** The least that S3 takes. */
const partBytes = 5 * mebibyte

it('names the command that installs the client library where it is not there', async () => {
  await expect(loadSdk(() => import('@aws-sdk/no-such-package' as string))).rejects.toMatchObject({
    code: 'S3_PACKAGE',
    fix: expect.stringMatching(/^npm install .*@aws-sdk\/client-s3@\d/),
  })
})

it('says that there are no credentials, and which variables give some', async () => {
  const folder = await tempFolder()
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  await expect(openStore('s3://bucket').list()).rejects.toMatchObject({
    code: 'S3_CREDENTIALS',
    fix: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  })
})

describeWith('ceph', 'a bucket of Ceph', () => {
  let rgw: Rgw
  let client: S3Client
  let places = 0
  const place = () => `s3://nightjar/test/${++places}`

  beforeAll(async () => {
    rgw = await Rgw.start()
    for (const [name, value] of Object.entries(rgw.environment)) vi.stubEnv(name, value)
    client = new S3Client({ region: 'us-east-1', forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'nightjar' }))
  }, 60_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await rgw?.stop()
  })

  const unfinishedUploads = async () =>
    ((await client.send(new ListMultipartUploadsCommand({ Bucket: 'nightjar' }))).Uploads ?? []).length

  storeContract('s3', async () => ({ store: openStore(place()), close: async () => {} }))

  it('writes a large file in parts, from a stream and from memory, to the same bytes', async () => {
    const store = new S3Store(place(), partBytes)
    const large = randomBytes(2 * partBytes + 12_345)
    const sha256 = createHash('sha256').update(large).digest('hex')
    const chunks = async function* () {
      for (let at = 0; at < large.length; at += 999_999) yield large.subarray(at, at + 999_999)
    }
    expect(await store.put('stream', chunks())).toEqual({ bytes: large.length, sha256 })
    expect(await store.put('memory', large)).toEqual({ bytes: large.length, sha256 })
    for (const key of ['stream', 'memory'])
      expect(
        createHash('sha256')
          .update(await store.read(key))
          .digest('hex'),
      ).toBe(sha256)
    const seam = { offset: partBytes - 10, length: 20 }
    expect(await store.read('stream', seam)).toEqual(
      new Uint8Array(large.subarray(seam.offset, seam.offset + seam.length)),
    )
    await store.put('exact', large.subarray(0, 2 * partBytes))
    expect(await store.size('exact')).toBe(2 * partBytes)
  })

  it('leaves no parts behind where a large body fails, and the old file as it was', async () => {
    const store = new S3Store(place(), partBytes)
    await store.put('file', bytes('old'))
    const failing = async function* () {
      for (let i = 0; i < 12; i++) yield new Uint8Array(mebibyte)
      throw new Error('the source broke')
    }
    await expect(store.put('file', failing())).rejects.toThrow('the source broke')
    expect(new TextDecoder().decode(await store.read('file'))).toBe('old')
    expect(await unfinishedUploads()).toBe(0)
  })

  it('puts a large file if absent once, also where many try at the same time', async () => {
    const store = new S3Store(place(), partBytes)
    const tries = await Promise.all(
      [1, 2, 3].map((holder) => store.putIfAbsent('file', new Uint8Array(partBytes + 1).fill(holder))),
    )
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect((await store.read('file'))[partBytes]).toBe(tries.indexOf(true) + 1)
  })

  it('lists more than a page, in order', async () => {
    const store = openStore(place())
    const keys = Array.from({ length: 1005 }, (_, i) => `k${i}`)
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, new Uint8Array(1))))
    expect((await store.list()).map(({ key }) => key)).toEqual([...keys].sort())
  })

  it('says what is wrong with a bucket, with keys, with an endpoint, and tells no secret', async () => {
    await expect(openStore('s3://no-such-bucket/x').size('a')).rejects.toMatchObject({ code: 'S3_NO_BUCKET' })
    await expect(openStore('s3://no-such-bucket/x').list()).rejects.toMatchObject({ code: 'S3_NO_BUCKET' })
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-the-secret')
    const refused = await openStore(place())
      .list()
      .catch((error) => error)
    expect(refused).toMatchObject({ code: 'S3_CREDENTIALS' })
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', rgw.environment.AWS_SECRET_ACCESS_KEY)
    expect(JSON.stringify([refused, refused.message, refused.cause, refused.format()])).not.toMatch(
      /secret"|not-the-secret/,
    )
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://someone:password@127.0.0.1:9')
    const unreachable = await openStore(place())
      .list()
      .catch((error) => error)
    vi.stubEnv('AWS_ENDPOINT_URL_S3', rgw.endpoint)
    vi.stubEnv('AWS_MAX_ATTEMPTS', undefined)
    expect(unreachable).toMatchObject({
      code: 'S3_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:9'),
    })
    expect(unreachable.format()).not.toContain('password')
  })

  it('survives a gateway that is killed during an upload: the new file whole, or the old one', async () => {
    const store = new S3Store(place(), partBytes)
    await store.put('file', bytes('old'))
    const large = randomBytes(6 * partBytes)
    let began = () => {}
    const started = new Promise<void>((resolve) => {
      began = resolve
    })
    const chunks = async function* () {
      for (let at = 0; at < large.length; at += mebibyte) {
        if (at >= 2 * partBytes) began()
        yield large.subarray(at, at + mebibyte)
        await sleep(5)
      }
    }
    const put = store.put('file', chunks()).then(
      () => true,
      () => false,
    )
    await started
    await rgw.kill()
    await rgw.restart()
    const isWritten = await put
    const there = Buffer.from(await store.read('file'))
    expect(there.equals(isWritten ? large : Buffer.from('old'))).toBe(true)
  }, 60_000)

  it('reads a whole file or none where the gateway is killed during the download', async () => {
    const store = new S3Store(place())
    const large = randomBytes(48 * mebibyte)
    await store.put('file', large)
    let killed: Promise<void> | undefined
    const proxy = await TriggerProxy.start(rgw.endpoint, 8 * mebibyte, () => {
      killed = rgw.kill()
    })
    vi.stubEnv('AWS_ENDPOINT_URL_S3', proxy.endpoint)
    const read = new S3Store(store.uri).read('file').then(
      (data) => Buffer.from(data).equals(large),
      (error) => error.code,
    )
    await vi.waitFor(() => expect(killed).toBeDefined(), { timeout: 10_000, interval: 5 })
    await killed
    await rgw.restart()
    expect(['S3_UNREACHABLE', 'STORE_FAILED', true]).toContain(await read)
    vi.stubEnv('AWS_ENDPOINT_URL_S3', rgw.endpoint)
    proxy.close()
    expect(Buffer.from(await store.read('file')).equals(large)).toBe(true)
  }, 60_000)

  it('trains in a bucket to the same dataset, weights and lists as in a folder, by the command line', async () => {
    const folder = await tempFolder()
    const rows = Array.from({ length: 400 }, (_, i) => `u${i % 40},i${(i * i) % 31}`)
    const roots = [folder, place()]
    for (const root of roots) {
      const run = `${root}/run`
      await openStore(root).put('in.csv', bytes(`user_id,item_id\n${rows.join('\n')}\nu1,\n`))
      await openStore(root).put('test.csv', bytes('user_id,item_id\nu2,i2\nu3,i3\nu5,i1\n'))
      const steps = [
        ['import', `${root}/in.csv`, '--max-rejects', '1', '--out', `${root}/dataset`],
        [
          'train',
          `${root}/dataset`,
          '--out',
          run,
          '--epochs',
          '3',
          '--model',
          'jca',
          '--hidden',
          '8',
          '--engine',
          'wasm',
        ],
        // Whole in the folder, in shards in the bucket.
        ...(root === folder
          ? [[]]
          : [
              ['--shard', '1/2'],
              ['--shard', '0/2'],
              ['--merge', '2'],
            ]
        ).map((share) => [
          ...['export', run, '--k', '5', '--engine', 'wasm', '--part-users', '16'],
          ...share,
        ]),
        ['split', `${root}/dataset`, '--out', `${root}/split`],
      ]
      if (root !== folder) {
        steps.push(['evaluate', run, '--test', `${root}/test.csv`, '--engine', 'wasm'])
        steps.push(['publish', run, '--to', `local:${join(folder, 'state')}`])
      }
      for (const step of steps) {
        const { code, stderr } = await runCli(step)
        expect(code, `${step.join(' ')}: ${stderr}`).toBe(0)
      }
    }
    const [local, remote] = roots.map(openStore)
    const made = async (store: Store) =>
      (await store.list()).map(({ key }) => key).filter((key) => !/^(in|test)\.csv$|^state\//.test(key))
    expect(await made(remote)).toEqual(await made(local))
    for (const key of (await made(local)).filter((key) => !/\.json$|rejects\.csv$/.test(key)))
      expect(Buffer.from(await remote.read(key)).equals(await local.read(key)), key).toBe(true)
    const manifest = JSON.parse(new TextDecoder().decode(await remote.read('run/manifest.json')))
    expect(manifest.dataset.uri).toBe('../dataset')
    expect(await made(remote)).toContain('dataset.rejects.csv')
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('nightjar-import-'))).toEqual([])
  }, 120_000)
})
