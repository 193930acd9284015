import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Credentials of the test's own server, which is gone with the test. */
const user = { accessKeyId: 'nightjar-test', secretAccessKey: 'known-to-everyone' }

/** A Ceph of one monitor, one OSD in memory and one S3 gateway, all on 127.0.0.1 and in a temporary folder. */
export class Rgw {
  readonly endpoint: string
  readonly #folder: string
  readonly #processes: ChildProcess[]
  #gateway: ChildProcess

  private constructor(folder: string, port: number, processes: ChildProcess[]) {
    this.endpoint = `http://127.0.0.1:${port}`
    this.#folder = folder
    this.#processes = processes
    this.#gateway = startGateway(folder)
  }

  /** Starts all of it, and makes a user and a bucket `nightjar`. The SDK's variables in `process.env` then name them. */
  static async start(): Promise<Rgw> {
    const folder = await mkdtemp(join(tmpdir(), 'nightjar-rgw-'))
    const [monPort, port] = await freePorts(2)
    const processes: ChildProcess[] = []
    try {
      await startCluster(folder, monPort, port, processes)
      const rgw = new Rgw(folder, port, processes)
      await rgw.#answers()
      const { accessKeyId, secretAccessKey } = user
      const names = ['--uid', 'nightjar', '--display-name', 'nightjar']
      const keys = ['--access-key', accessKeyId, '--secret', secretAccessKey]
      await run('radosgw-admin', ['-c', join(folder, 'ceph.conf'), 'user', 'create', ...names, ...keys])
      return rgw
    } catch (error) {
      await end(processes)
      throw error
    }
  }

  /** What the SDK reads. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_ACCESS_KEY_ID: user.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
    }
  }

  /** Ends the gateway as a power cut would. */
  async kill(): Promise<void> {
    const gone = once(this.#gateway, 'exit')
    this.#gateway.kill('SIGKILL')
    await gone
  }

  async restart(): Promise<void> {
    this.#gateway = startGateway(this.#folder)
    await this.#answers()
  }

  async stop(): Promise<void> {
    await end([this.#gateway, ...this.#processes.reverse()])
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const answer = await fetch(this.endpoint).catch(() => undefined)
      if (answer?.ok) return
      if (this.#gateway.exitCode !== null) break
      await sleep(200)
    }
    throw new Error(`radosgw does not answer at ${this.endpoint}`)
  }
}

async function startCluster(folder: string, monPort: number, port: number, processes: ChildProcess[]) {
  const conf = join(folder, 'ceph.conf')
  const keyring = join(folder, 'keyring')
  const [fsid, osdId] = ['11111111-2222-4333-8444-555555555555', '22222222-2222-4333-8444-555555555555']
  await writeFile(conf, configuration(folder, fsid, monPort, port))
  await mkdir(join(folder, 'mon'))
  await mkdir(join(folder, 'osd'))
  const key = (name: string, ...caps: string[]) =>
    run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...caps])
  await run('ceph-authtool', [
    '--create-keyring',
    keyring,
    '--gen-key',
    '-n',
    'mon.',
    '--cap',
    'mon',
    'allow *',
  ])
  await key('client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *')
  await key('osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *')
  const map = join(folder, 'monmap')
  await run('monmaptool', ['--create', '--addv', 'a', `[v2:127.0.0.1:${monPort}]`, '--fsid', fsid, map])
  const mon = ['-c', conf, '-i', 'a']
  await run('ceph-mon', [...mon, '--mkfs', '--monmap', map, '--keyring', keyring])
  processes.push(spawn('ceph-mon', [...mon, '-f'], { stdio: 'ignore' }))
  await run('ceph', ['-c', conf, '--connect-timeout', '20', 'osd', 'new', osdId])
  const osd = ['-c', conf, '-i', '0']
  await run('ceph-osd', [...osd, '--mkfs', '--osd-uuid', osdId])
  processes.push(spawn('ceph-osd', [...osd, '-f'], { stdio: 'ignore' }))
}

function startGateway(folder: string): ChildProcess {
  return spawn('radosgw', ['-c', join(folder, 'ceph.conf'), '-n', 'client.admin', '-f'], { stdio: 'ignore' })
}

function configuration(folder: string, fsid: string, monPort: number, port: number): string {
  return `[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monPort}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = ${folder}/keyring
mon data = ${folder}/mon
osd data = ${folder}/osd
run dir = ${folder}
log file = ${folder}/$name.log
admin socket =
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 0
mon data avail warn = 0
[client.admin]
rgw frontends = beast endpoint=127.0.0.1:${port}
`
}

async function end(processes: ChildProcess[]): Promise<void> {
  for (const process of processes) {
    if (process.exitCode !== null || process.signalCode !== null) continue
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    await gone
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  return Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      server.close()
      return port
    }),
  )
}
