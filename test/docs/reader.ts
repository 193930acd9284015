import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { blocksOf, type CommandBlock, isRunHere, placeOf } from './command-blocks.ts'

const run = promisify(execFile)

/** What a clone has after `npm ci`, as far as commands read it. Copies, so that the local KV is the reader's own. */
const cloned = ['bin', 'configs', 'dist', 'edge', 'shared', 'package.json', 'wrangler.toml']

/** What pages call, for bash; `nightjar` asks the process that has it loaded. */
const commands = `
nightjar() {
  local kind n
  exec 3<>/dev/tcp/127.0.0.1/$RESIDENT
  printf '%s\\0' "$#" "$@" >&3
  while read -r kind n <&3; do
    case $kind in
      o) head -c "$n" <&3 ;;
      e) head -c "$n" <&3 >&2 ;;
      x) exec 3>&-; return "$n" ;;
    esac
  done
  echo "nightjar broke off" >&2
  return 1
}
npx() { local name=$1; shift; [ "$name" = nightjar ] && nightjar "$@"; }
curl() { command curl --silent --show-error --fail-with-body "$@"; }
duckdb() { node --input-type=module -e "
  import { DuckDBInstance } from '@duckdb/node-api'
  const connection = await (await DuckDBInstance.create()).connect()
  console.log((await connection.runAndReadAll(process.argv[1])).getRowsJson())" "$2"; }
`

/** What takes longer is stuck. */
const timeout = 240_000

export interface Ran extends CommandBlock {
  stdout: string
  stderr: string
}

/** Somebody who follows pages: a clone with its packages, in a folder that goes with `leave`, and a shell in it. */
export class Reader {
  /** The clone's, where commands run. */
  readonly folder: string
  readonly #env: Record<string, string>
  readonly #resident: ChildProcess
  /** Where `serve` answers. */
  #port = 8787
  #stop = async () => {}

  private constructor(folder: string, env: Record<string, string>, resident: ChildProcess) {
    this.folder = folder
    this.#env = env
    this.#resident = resident
  }

  static async come(): Promise<Reader> {
    const folder = join(await mkdtemp(join(tmpdir(), 'nightjar-reader-')), 'clone')
    await mkdir(join(folder, 'work'), { recursive: true })
    await run('cp', ['-R', ...cloned, folder])
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    const path = `${dirname(process.execPath)}:${process.env.PATH}`
    const env = { PATH: path, HOME: folder, CI: '1', NO_UPDATE_NOTIFIER: '1' }
    const resident = spawn(process.execPath, [join(import.meta.dirname, 'resident-nightjar.mjs')], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [port] = await once(resident.stdout as NodeJS.ReadableStream, 'data')
    return new Reader(folder, { ...env, RESIDENT: String(port).trim() }, resident)
  }

  async leave(): Promise<void> {
    await this.#stop()
    const ended = once(this.#resident, 'exit')
    this.#resident.kill('SIGKILL')
    await ended
    await rm(dirname(this.folder), { recursive: true, force: true })
  }

  /** Keeps what was made beside the clone until now, for {@link startOver}. */
  async keep(): Promise<void> {
    for (const name of await this.#own())
      await cp(join(this.folder, name), join(this.folder, '..', 'kept', name), { recursive: true })
  }

  async startOver(): Promise<void> {
    for (const name of await this.#own()) await rm(join(this.folder, name), { recursive: true })
    await cp(join(this.folder, '..', 'kept'), this.folder, { recursive: true })
  }

  async #own(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => ![...cloned, 'node_modules'].includes(name))
  }

  /**
   * Runs the blocks of a page that are marked for it, in their order.
   *
   * @param before is waited for before each of them
   * @throws Error with a block's place, and what it printed, where one of its commands fails
   */
  async follow(page: string, before: (block: CommandBlock) => unknown = () => {}): Promise<Ran[]> {
    const ran: Ran[] = []
    try {
      for (const block of (await blocksOf(page)).filter(isRunHere)) {
        await before(block)
        const served = block.mark?.kind === 'serve' ? lastLineOf(block) : undefined
        const text = served === undefined ? block.text : block.text.slice(0, -served.length - 1)
        ran.push({ ...block, ...(await this.run(text, placeOf(block))) })
        if (served !== undefined) await this.serve(served)
      }
    } finally {
      await this.#stop()
    }
    return ran
  }

  /** Runs commands to their end; the first that fails ends them. */
  async run(text: string, name = 'commands'): Promise<{ stdout: string; stderr: string }> {
    const here = text.replaceAll(':8787', `:${this.#port}`)
    try {
      return await run('bash', ['-c', `set -eu\n${commands}\n${here}`], {
        cwd: this.folder,
        env: this.#env,
        timeout,
      })
    } catch (cause) {
      const { code, stdout, stderr } = cause as { code: number; stdout: string; stderr: string }
      // The gate may refuse what so few people say little of; that is an outcome, too.
      if (code === 3 && text.includes('nightjar nightly')) return { stdout, stderr }
      throw new Error(`${name}: ended with ${code}\n${text}\n${stdout}\n${stderr}`, { cause })
    }
  }

  /** Begins `npx nightjar serve ...`, at a free port instead of the usual one, until a page is done. */
  serve(command: string): Promise<void> {
    const words = [...command.split(' ').slice(2), '--port', '0']
    const client = connect(Number(this.#env.RESIDENT), '127.0.0.1')
    client.write([words.length, ...words, ''].join('\0'))
    const ended = once(client, 'close')
    this.#stop = async () => {
      this.#stop = async () => {}
      this.#resident.kill('SIGINT')
      await ended
    }
    return new Promise((done, failed) => {
      let output = ''
      client.on('error', failed)
      client.once('close', () => failed(new Error(`${command}: ended\n${output}`)))
      client.on('data', (text) => {
        output += text
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)
        if (found === null) return
        this.#port = Number(found[1])
        done()
      })
    })
  }
}

function lastLineOf(block: CommandBlock): string {
  const line = block.text.trim().split('\n').at(-1) ?? ''
  if (line.startsWith('npx nightjar serve')) return line
  throw new Error(`${placeOf(block)}: the last line does not serve: ${line}`)
}
