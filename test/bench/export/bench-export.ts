// npm run bench:export: an export in shards beside the single one, on a run that nobody trained.
//
//   npm run bench:export [-- --users 1000000 --items 20000 --rows 20000000 --hidden 160 --k 100 --shards 8]
//                        [--folder FOLDER] [--threads N] [--part-users N]
//
// The built command line, each export in a process of its own: seconds, and the most memory that it held at any moment, its
// threads included (VmHWM of /proc, so on Linux alone: maxRSS of getrusage begins with what the parent held). Shards run
// one after the other. In the end all bytes are compared. Takes about 4 GB of disk in FOLDER (the temporary folder), which
// are given back.
import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nightjarVersion } from '../../../job/nightjar-version.ts'
import { FileStore } from '../../../job/store/file-store.ts'
import { sha256Of } from '../../../job/store/sha256-of.ts'
import { type MadeSize, makeRun } from '../../made-run.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    items: { type: 'string', default: '20000' },
    rows: { type: 'string', default: '20000000' },
    hidden: { type: 'string', default: '160' },
    k: { type: 'string', default: '100' },
    shards: { type: 'string', default: '8' },
    threads: { type: 'string', default: String(availableParallelism()) },
    'part-users': { type: 'string', default: '65536' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const shards = Number(values.shards)
const options = ['--k', values.k, '--part-users', values['part-users']]
const engine = ['--engine', 'wasm', '--threads', values.threads]

const folder = await mkdtemp(join(values.folder, 'nightjar-bench-export-'))
try {
  const { version, commit } = nightjarVersion()
  console.log(`${version}, commit ${commit}, ${values.threads} threads, ${new Date().toISOString()}`)
  console.log(`${values.users} users x ${values.items} items, ${values.rows} rows, hidden ${values.hidden}`)
  await makeTwins({
    users: Number(values.users),
    items: Number(values.items),
    rows: Number(values.rows),
    hidden: Number(values.hidden),
  })
  console.log('what           seconds  peak MB    lists')
  const single = nightjar('single', 'run', ...engine)
  const children = Array.from({ length: shards }, (_, index) =>
    nightjar(`shard ${index}/${shards}`, 'shards', '--shard', `${index}/${shards}`, ...engine),
  )
  nightjar(`merge ${shards}`, 'shards', '--merge', String(shards))
  const longest = Math.max(...children.map(({ seconds }) => seconds))
  const most = Math.max(...children.map(({ megabytes }) => megabytes))
  console.log(`longest shard ${longest.toFixed(1)} s, single ${single.seconds.toFixed(1)} s; most ${most} MB`)
  console.log(await compare())
} finally {
  await rm(folder, { recursive: true })
}

/** The run once more, with the same weights, for the shards. */
async function makeTwins(size: MadeSize): Promise<void> {
  const run = await makeRun(folder, size)
  const weights = run.manifest.weights.path
  await mkdir(join(folder, 'shards/model'), { recursive: true })
  await link(join(folder, 'run', weights), join(folder, 'shards', weights))
  await new FileStore(join(folder, 'shards')).put('manifest.json', await run.store.read('manifest.json'))
}

/** An export in a process of its own. */
function nightjar(name: string, run: string, ...more: string[]): { seconds: number; megabytes: number } {
  const told = `import { readFileSync } from 'node:fs'
    process.on('exit', () => console.log(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))`
  const began = performance.now()
  const output = execFileSync(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${encodeURIComponent(told)}`, 'bin/nightjar.mjs'],
      ...['export', join(folder, run), '--json', '--quiet', ...options, ...more],
    ],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  ).trimEnd()
  const seconds = (performance.now() - began) / 1000
  const lastLine = output.lastIndexOf('\n') + 1
  const { users } = JSON.parse(output.slice(0, lastLine))
  const megabytes = Math.round((Number(output.slice(lastLine)) * 1024) / 1e6)
  const cells = [name.padEnd(13), seconds.toFixed(1).padStart(8), String(megabytes).padStart(8)]
  console.log(`${cells.join(' ')} ${String(users).padStart(8)}`)
  return { seconds, megabytes }
}

/** Names and bytes of the score files, and the manifests but for the time. */
async function compare(): Promise<string> {
  const [single, merged] = [new FileStore(join(folder, 'run')), new FileStore(join(folder, 'shards'))]
  const files = async (store: FileStore) => {
    const told: string[] = []
    for (const { key, bytes } of await store.list('scores/')) {
      told.push(`${key} ${bytes} ${await sha256Of(store, key)}`)
    }
    return told
  }
  const manifest = async (store: FileStore) =>
    new TextDecoder().decode(await store.read('manifest.json')).replace(/"exportedAt": ".*?"/, '')
  const [expected, found] = [await files(single), await files(merged)]
  if (expected.join('\n') !== found.join('\n')) throw new Error(`files differ:\n${found.join('\n')}`)
  if ((await manifest(single)) !== (await manifest(merged))) throw new Error('manifests differ')
  const bytes = (await single.list('scores/')).reduce((sum, file) => sum + file.bytes, 0)
  return `${found.length} files, ${(bytes / 1e6).toFixed(1)} MB: equal byte for byte, and the manifest but for its time`
}
