// npm run bench:inspect: how long it takes to look at the lists of a million users, and in how much memory.
//
//   npm run bench:inspect [-- --users 1000000 --items 20000 --rows 20000000 --k 100 --part-users 125000] [--folder FOLDER]
//
// A run that nobody trained: random lists of items that their user does not have. The built command line, each look in a process
// of its own: seconds, those of processors, and the most memory that it held at any moment (VmHWM of /proc, so on Linux alone). Takes about 2 GB of disk
// in FOLDER (the temporary folder), which are given back.
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeArrowFile } from '../../../job/data/arrow-file.ts'
import { rowOf } from '../../../job/data/csr-matrix.ts'
import { writeJsonFile } from '../../../job/data/json-file.ts'
import { Random } from '../../../job/data/random.ts'
import { type Run, runManifestPath } from '../../../job/data/run.ts'
import type { ScorePart } from '../../../job/data/run-manifest.ts'
import { ScoreTableBuilder } from '../../../job/export/score-table.ts'
import { nightjarVersion } from '../../../job/nightjar-version.ts'
import type { TopK } from '../../../shared/top-k.ts'
import { makeRun } from '../../made-run.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    items: { type: 'string', default: '20000' },
    rows: { type: 'string', default: '20000000' },
    k: { type: 'string', default: '100' },
    'part-users': { type: 'string', default: '125000' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const users = Number(values.users)
const items = Number(values.items)
const k = Number(values.k)
const partUsers = Number(values['part-users'])

const folder = await mkdtemp(join(values.folder, 'nightjar-bench-inspect-'))
try {
  const { version, commit } = nightjarVersion()
  console.log(`${version}, commit ${commit}, ${new Date().toISOString()}`)
  const run = await makeRun(folder, { users, items, rows: Number(values.rows), hidden: 1 })
  const bytes = await makeLists(run)
  // The same lists once more, for what compares two.
  await cp(join(folder, 'run'), join(folder, 'before'), { recursive: true })
  console.log(
    `${users} users x ${k} of ${items} items, ${values.rows} rows, ${(bytes / 1e6).toFixed(0)} MB of lists`,
  )
  console.log('what                      seconds   of CPU  peak MB')
  const middle = `user-${users >> 1}`
  look('start alone', join(folder, 'run/manifest.json'), '--help')
  look('scores', join(folder, 'run/scores'))
  look('--user', join(folder, 'run'), '--user', middle)
  look('--user, again', join(folder, 'run'), '--user', middle)
  look('--item', join(folder, 'run'), '--item', 'item-7')
  look('--diff', join(folder, 'run'), '--diff', join(folder, 'before'))
  look(
    '--sql count by item',
    join(folder, 'run'),
    '--sql',
    'select item_id, count(*) from scores group by all limit 5',
  )
  look('dataset', join(folder, 'dataset'))
} finally {
  await rm(folder, { recursive: true })
}

async function makeLists(run: Run): Promise<number> {
  const dataset = await run.openDataset()
  const userIds = await dataset.userIds()
  const origin = { weights: run.manifest.weights.sha256, dataset: run.manifest.dataset.digest }
  const tables = new ScoreTableBuilder((await dataset.items()).ids, origin)
  const random = new Random(3)
  const scores = Float32Array.from({ length: k }, (_, rank) => 1 - rank / (k + 1))
  const parts: ScorePart[] = []
  for (let first = 0; first < users; first += partUsers) {
    const end = Math.min(users, first + partUsers)
    const known = await run.known(dataset, { first, end })
    const lists = Array.from(
      { length: end - first },
      (_, row): TopK => ({ items: drawn(random, rowOf(known, row)), scores }),
    )
    const path = `scores/part-${String(parts.length).padStart(5, '0')}.arrow`
    const file = await writeArrowFile(run.store, path, tables.build(userIds.slice(first, end), lists))
    parts.push({ ...file, firstUser: first, lastUser: end - 1 })
  }
  const told = { k, includeSeen: false, exportedAt: run.manifest.startedAt, parts }
  await writeJsonFile(run.store, runManifestPath, { ...run.manifest, scores: told })
  return parts.reduce((sum, part) => sum + part.bytes, 0)
}

/** Items that follow each other in steps of a prime, from a random one, without those that the user has. */
function drawn(random: Random, seen: Uint32Array): Uint32Array {
  const list = new Uint32Array(k)
  let item = random.below(items)
  for (let filled = 0; filled < k; item = (item + 7919) % items)
    if (!seen.includes(item)) list[filled++] = item
  return list
}

function look(name: string, ...args: string[]): void {
  const told = `import { readFileSync } from 'node:fs'
    process.on('exit', () => process.stderr.write('\\n' + process.cpuUsage().user / 1e6 + ' ' + process.cpuUsage().system / 1e6 + ' ' + /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))`
  const began = performance.now()
  const output = execFileSync(
    'bash',
    [
      ...['-c', 'exec "$@" 2>&1 >/dev/null', 'bash', process.execPath],
      ...['--import', `data:text/javascript,${encodeURIComponent(told)}`],
      ...['bin/nightjar.mjs', 'inspect', '--quiet', ...args],
    ],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  )
  const seconds = (performance.now() - began) / 1000
  const [user, system, peak] = output
    .slice(output.lastIndexOf('\n') + 1)
    .split(' ')
    .map(Number)
  const megabytes = Math.round((peak * 1024) / 1e6)
  const processor = (user + system).toFixed(2).padStart(8)
  console.log(
    `${name.padEnd(24)} ${seconds.toFixed(2).padStart(8)} ${processor} ${String(megabytes).padStart(8)}`,
  )
}
