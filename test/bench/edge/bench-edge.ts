// npm run bench:edge: what a request costs the worker, beside what any request costs.
//
//   npm run bench:edge -- [--quick] [--json] [--out FILE]
//
// Each worker runs in workerd itself, on loopback, with its keys and its log on; their KV is a process of its own, which
// reads the values out of a folder. CPU time is that of the whole process of the worker, the kernel's part and the asking
// of KV included, KV's own not. The workers are asked in turns, round after round. The JSON goes to test/bench/results/, unless --out says otherwise.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { nightjarVersion } from '../../../job/nightjar-version.ts'
import { userBucketKey } from '../../../shared/kv-keys.ts'
import { type Spread, spreadOf } from '../spread.ts'
import { ask } from './load.ts'
import { itemIdOf, versionId, writeMadeLists } from './made-lists.ts'
import { apiKey, bundle, cpuMs, startKv, startWorkerd } from './workerd.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const rounds = values.quick ? 3 : 21
const requestsARound = values.quick ? 1_000 : 3_000
const warmUps = values.quick ? 1 : 4
const starts = values.quick ? 3 : 9
const say = (text: string) => void (values.json || console.log(text))

const { version, commit } = nightjarVersion()
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
  // Other work on the machine shows here.
  loadBefore: loadavg()[0],
}
say(`nightjar ${version}, commit ${commit}`)
say(`${machine.cpu}, ${machine.cores} cores, load ${machine.loadBefore?.toFixed(1)}\n`)

const folder = mkdtempSync(join(tmpdir(), 'nightjar-bench-edge-'))
const running: { close(): Promise<void> }[] = []
try {
  const lists = writeMadeLists(join(folder, 'kv'))
  const workers = 'test/edge/bench'
  const built = {
    nightjar: bundle('edge/worker.ts', join(folder, 'nightjar')),
    forgetful: bundle(`${workers}/forgetful-worker.ts`, join(folder, 'forgetful')),
    hello: bundle(`${workers}/hello-worker.ts`, join(folder, 'hello')),
    bare: bundle(`${workers}/bare-worker.ts`, join(folder, 'bare')),
  }
  const kvOf = async (name: string) => {
    const kv = await startKv(join(folder, name))
    running.push(kv)
    return kv.port
  }
  const kvPort = await kvOf('kv')
  const start = async (name: keyof typeof built, kv = kvPort) => {
    const worker = await startWorkerd(name, built[name], folder, kv)
    running.push(worker)
    return worker
  }

  // In turns too, each in a process of its own.
  const startMs: Record<'bare' | 'nightjar', number[]> = { bare: [], nightjar: [] }
  for (let round = 0; round < starts; round++) {
    for (const name of ['bare', 'nightjar'] as const) {
      const worker = await start(name)
      startMs[name].push(worker.startMs)
      await worker.close()
    }
  }

  const listPath = (userId: string) => `/v1/users/${userId}/recommendations`
  // A few buckets that stay in the isolate, and more of them than it can keep, in an order in which none is there again.
  const few = lists.userIds.slice(0, 16).map(listPath)
  const all = lists.userIds.map(listPath)
  const reads = lists.userIds.map(
    (_, bucket) => `/v1/read?key=${encodeURIComponent(userBucketKey(versionId, bucket))}`,
  )
  // A stranger's list, by catalogues of two sizes.
  const history = Array.from({ length: 10 }, (_, n) => `itemIds=${itemIdOf(401 * n)}`).join('&')
  const stranger = [`/v1/users/nobody/recommendations?${history}`]
  const foldIn = async (items: number) => {
    const name = `kv-${items}`
    writeMadeLists(join(folder, name), { userBucketCount: 1, foldInItems: items })
    const worker = await start('nightjar', await kvOf(name))
    return { name: `fold-in, ${items} items`, worker, paths: stranger }
  }
  const hello = await start('hello')
  const cases = [
    { name: 'hello', worker: hello, paths: ['/v1/hello'] },
    { name: 'cached bucket', worker: await start('nightjar'), paths: few },
    { name: 'uncached bucket', worker: await start('nightjar'), paths: all },
    { name: 'nothing cached', worker: await start('forgetful'), paths: all },
    { name: 'hello after a read of KV', worker: hello, paths: reads },
    await foldIn(9_000),
    await foldIn(50_000),
  ]
  const headers = { Authorization: `Bearer ${apiKey}` }
  const measured = cases.map(() => ({ cpuUs: [] as number[], perSecond: [] as number[] }))
  // Until the code is compiled as far as it will be; these rounds do not count.
  for (let round = -warmUps; round < rounds; round++) {
    for (const [i, { worker, paths }] of cases.entries()) {
      const asked = Array.from({ length: requestsARound }, (_, n) => paths[n % paths.length] as string)
      const cpuBefore = cpuMs(worker.pid)
      const began = performance.now()
      await ask(worker.port, asked, headers)
      const seconds = (performance.now() - began) / 1000
      if (round < 0) continue
      measured[i]?.cpuUs.push((1000 * (cpuMs(worker.pid) - cpuBefore)) / asked.length)
      measured[i]?.perSecond.push(asked.length / seconds)
    }
  }

  // Of each round its own ratio: what else the machine did slows all of a round alike.
  const timesHello = (i: number) =>
    spreadOf(measured[i]?.cpuUs.map((us, round) => us / (measured[0]?.cpuUs[round] ?? Number.NaN)) ?? [])
  const results = cases.map(({ name }, i) => ({
    name,
    cpuUs: spreadOf(measured[i]?.cpuUs ?? []),
    timesHello: timesHello(i),
    perSecond: spreadOf(measured[i]?.perSecond ?? []),
  }))
  const start_ = { bare: spreadOf(startMs.bare), nightjar: spreadOf(startMs.nightjar) }
  const { userIds: _, ...data } = lists

  say(`${rounds} rounds of ${requestsARound} requests; medians (min-max)`)
  say(`${''.padEnd(26)} CPU us a request      times hello          requests a second`)
  const range = ({ median, min, max }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`
  for (const { name, cpuUs, timesHello, perSecond } of results) {
    say(
      `${name.padEnd(26)} ${range(cpuUs, 0).padEnd(21)} ${range(timesHello, 2).padEnd(20)} ${range(perSecond, 0)}`,
    )
  }
  say(`\nbundle ${built.nightjar.bytes} bytes, ${built.nightjar.gzipBytes} gzip`)
  say(`start to the first answer, ms: ${range(start_.nightjar, 0)}; a bare worker ${range(start_.bare, 0)}`)

  const report = {
    nightjar: { version, commit },
    at: new Date().toISOString(),
    machine,
    data,
    requestsARound,
    results,
    bundle: { bytes: built.nightjar.bytes, gzipBytes: built.nightjar.gzipBytes },
    startMs: start_,
  }
  // A quick run is for looking at: it does not take the place of a whole one.
  const usual = join('test/bench/results', `edge-${report.at.slice(0, 10)}-${commit ?? version}.json`)
  const out = values.out ?? (values.quick ? undefined : usual)
  if (out !== undefined) {
    mkdirSync(dirname(out), { recursive: true })
    writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
    say(`\nkept in ${out}`)
  }
  if (values.json) console.log(JSON.stringify(report, null, 2))
} finally {
  await Promise.all(running.map((worker) => worker.close()))
  rmSync(folder, { recursive: true })
}
