// npm run bench:nights -- [OUT]: two whole nights of a made shop of 10,000 users, by the built command line.
//
// The first night imports 99 % of the rows, the second one the rest: that one is what a night costs from then on. What
// docs/cost.md calls "the rest" is the second night's time outside of training, lists and the fold-in component.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { Random } from '../../job/data/random.ts'
import { nightjarVersion } from '../../job/nightjar-version.ts'

const [out = 'test/bench/results/nights.json'] = process.argv.slice(2)
const users = 10_000
const folder = mkdtempSync(join(tmpdir(), 'nightjar-nights-'))
const at = (name: string) => join(folder, name)
try {
  const { train, test, items } = plantTastes({ users, itemsPerTaste: 417, itemsPerUser: 30 }, 1)
  const pairs = [...train, ...test]
  const order = Uint32Array.from(pairs.keys())
  new Random(5).shuffle(order)
  const lines = Array.from(order, (row) => `${pairs[row].userId},${pairs[row].itemId}\n`)
  const cut = Math.round(0.99 * lines.length)
  mkdirSync(at('incoming'))
  let log = ''
  for (const [night, rows] of [lines.slice(0, cut), lines.slice(cut)].entries()) {
    writeFileSync(at(`incoming/night-${night}.csv`), `user_id,item_id\n${rows.join('')}`)
    log = runNight(`2026-11-2${4 + night}`)
  }
  const events = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const seconds = (phase: string) =>
    events
      .filter((e) => e.event === 'phase.end' && e.phase === phase)
      .reduce((sum, e) => sum + Number(e.seconds), 0)
  const whole = (Date.parse(events.at(-1).time) - Date.parse(events[0].time)) / 1000
  const parts = {
    search: seconds('search'),
    refits: seconds('refit'),
    foldIn: seconds('fold-in'),
    export: seconds('export'),
  }
  const best = Number(/best epoch (\d+)/.exec(log)?.[1])
  const [, keys, megabytes] = /published: (\d+) keys, ([\d.]+) MB/.exec(log) ?? []
  const night = readdirSync(at('nights')).sort()[1]
  const { version, commit } = nightjarVersion()
  const report = {
    nightjar: { version, commit },
    at: new Date().toISOString(),
    machine: { cores: availableParallelism(), loadAfter: loadavg()[0] },
    ...{ users, items: items.length, rows: lines.length, bestEpoch: best },
    wholeSeconds: whole,
    parts,
    restSeconds: whole - Object.values(parts).reduce((sum, part) => sum + part, 0),
    kvKeys: Number(keys),
    kvMegabytes: Number(megabytes),
    logBytes: log.length,
    datasetBytes: bytesOf(at('shop')),
    incomingBytes: bytesOf(at('incoming')),
    runBytes: {
      weights: statSync(join(at('nights'), night, 'model/weights.safetensors')).size,
      foldIn: statSync(join(at('nights'), night, 'model/fold-in.safetensors')).size,
      scores: bytesOf(join(at('nights'), night, 'scores')),
    },
  }
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
  console.log(JSON.stringify(report, null, 2))
} finally {
  rmSync(folder, { recursive: true })
}

/** @returns what it told on standard error: its log, a JSON object a line */
function runNight(planned: string): string {
  const places = ['--import', at('incoming'), '--dataset', at('shop'), '--runs', at('nights')]
  const { status, stderr } = spawnSync(
    'node',
    [
      'bin/nightjar.mjs',
      'nightly',
      '--model',
      'jca',
      '--engine',
      'wasm',
      ...places,
      '--to',
      `local:${at('kv')}`,
      '--at',
      planned,
    ],
    { encoding: 'utf8', env: { ...process.env, NIGHTJAR_LOG: 'json' } },
  )
  if (status !== 0) throw new Error(`the night ended with ${status}:\n${stderr}`)
  return stderr
}

function bytesOf(place: string): number {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(place, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0)
}
