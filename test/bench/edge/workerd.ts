import { execFileSync, fork, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

const require = createRequire(import.meta.url)
const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js')
const workerdPackage = createRequire(require.resolve('wrangler/package.json')).resolve('workerd/package.json')
const workerd = join(dirname(workerdPackage), 'bin', 'workerd')

export const apiKey = '0123456789abcdef0123456789abcdef'

export interface Bundle {
  /** Its script first, then the WebAssembly modules that it imports by their names. */
  modules: string[]
  bytes: number
  gzipBytes: number
}

/** A worker as a deployment would bundle it, minified. */
export function bundle(source: string, folder: string): Bundle {
  mkdirSync(folder, { recursive: true })
  execFileSync(process.execPath, [wrangler, 'deploy', source, '--dry-run', '--outdir', folder], {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const named = (ending: string) => readdirSync(folder).filter((file) => file.endsWith(ending))
  const modules = [...named('.js'), ...named('.wasm')].map((file) => join(folder, file))
  const bytes = Buffer.concat(modules.map((file) => readFileSync(file)))
  return { modules, bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length }
}

export interface RunningWorker {
  port: number
  pid: number
  /** From the process's start to its first answer. */
  startMs: number
  close(): Promise<void>
}

/**
 * A worker in workerd itself, without wrangler or miniflare around it, on the loopback interface.
 *
 * @param name of the configuration's file
 * @param kvPort where its KV answers
 */
export async function startWorkerd(
  name: string,
  worker: Bundle,
  folder: string,
  kvPort: number,
): Promise<RunningWorker> {
  const config = join(folder, `${name}.capnp`)
  writeFileSync(config, configuration(modulesOf(worker, folder), kvPort))
  const began = performance.now()
  // What is logged is written as in production, and thrown away.
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const port = await new Promise<number>((found, failed) => {
    child.stdio[3]?.once('data', (line) => found(JSON.parse(String(line).split('\n')[0] ?? '').port))
    child.once('exit', (code) => failed(new Error(`workerd ended with ${code}`)))
  })
  const answer = await fetch(`http://127.0.0.1:${port}/health/live`)
  if (!answer.ok) throw new Error(`the worker answers ${answer.status}`)
  return {
    port,
    pid: child.pid as number,
    startMs: performance.now() - began,
    async close() {
      child.kill()
      await ended
    },
  }
}

/** KV, in a process of its own, out of a folder's files. */
export async function startKv(folder: string): Promise<Pick<RunningWorker, 'port' | 'close'>> {
  const child = fork(join(import.meta.dirname, 'kv-server.ts'), [folder])
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const port = await new Promise<number>((found, failed) => {
    child.once('message', (message) => found(Number(message)))
    child.once('exit', (code) => failed(new Error(`the KV ended with ${code}`)))
  })
  return {
    port,
    async close() {
      child.kill()
      await ended
    },
  }
}

/** What is embedded is looked for from the configuration's own place. */
function modulesOf({ modules }: Bundle, folder: string): string {
  return modules
    .map((file) => {
      const kind = file.endsWith('.wasm') ? 'wasm' : 'esModule'
      return `(name = "${basename(file)}", ${kind} = embed "${relative(folder, file)}")`
    })
    .join(', ')
}

const configuration = (modules: string, kvPort: number) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules}],
      compatibilityDate = "2026-04-01",
      bindings = [
        (name = "LISTS", kvNamespace = "kv"),
        (name = "API_KEYS", text = "bench=${apiKey} other=${apiKey.split('').reverse().join('')}"),
      ],
    )),
    (name = "kv", external = (address = "127.0.0.1:${kvPort}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`

/** CPU time that a process has used, all its threads, user and system. */
export function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0)
}
