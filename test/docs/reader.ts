import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { tempFolder } from '../temp-folder.ts'
import { blocksOf, type CommandBlock, isRunHere, placeOf } from './command-blocks.ts'

const run = promisify(execFile)

/** What a clone has after `npm ci`, as far as commands read it. Copies, so that the local KV is the reader's own. */
const cloned = ['bin', 'configs', 'dist', 'edge', 'shared', 'package.json', 'wrangler.toml']

/** What a reader has of their own, and types as on any machine. */
const commands = `
nightjar() { node bin/nightjar.mjs "$@"; }
npx() { local name=$1; shift; [ "$name" = nightjar ] && nightjar "$@"; }
curl() { command curl --silent --show-error --fail-with-body "$@"; }
duckdb() { node --input-type=module -e "
  import { DuckDBInstance } from '@duckdb/node-api'
  const connection = await (await DuckDBInstance.create()).connect()
  console.log((await connection.runAndReadAll(process.argv[1])).getRowsJson())" "$2"; }
`

/** What is bounded so is stuck. */
const timeout = 240_000

export interface Ran extends CommandBlock {
  stdout: string
  stderr: string
}

/** Somebody who follows pages: a clone with its packages, in a folder that goes with the test, and a shell in it. */
export class Reader {
  readonly #env: Record<string, string>
  #port = 8787
  #stop = async () => {}

  private constructor(readonly folder: string) {
    const path = `${dirname(process.execPath)}:${process.env.PATH}`
    this.#env = { PATH: path, HOME: folder, CI: '1', NO_UPDATE_NOTIFIER: '1' }
  }

  /** @param prepared a folder whose content the reader has beside the clone's */
  static async at(prepared?: string): Promise<Reader> {
    const folder = await tempFolder()
    for (const name of cloned) await cp(name, join(folder, name), { recursive: true })
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    for (const name of prepared === undefined ? [] : await readdir(prepared))
      await cp(join(prepared as string, name), join(folder, name), { recursive: true })
    await mkdir(join(folder, 'work'), { recursive: true })
    return new Reader(folder)
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
      await this.close()
    }
    return ran
  }

  /** Runs commands to their end, the first that fails ends them. */
  async run(text: string, name = 'commands'): Promise<{ stdout: string; stderr: string }> {
    const here = text.replaceAll(':8787', `:${this.#port}`)
    try {
      return await run('bash', ['-c', `set -eu\n${commands}\n${here}`], { ...this.#options, timeout })
    } catch (cause) {
      const { code, stdout, stderr } = cause as { code: number; stdout: string; stderr: string }
      // The gate may refuse what so few people say little of; that is an outcome, too.
      if (code === 3 && text.includes('nightjar nightly')) return { stdout, stderr }
      throw new Error(`${name}: ended with ${code}\n${text}\n${stdout}\n${stderr}`, { cause })
    }
  }

  /** Begins `npx nightjar serve ...`, at a free port instead of the usual one. */
  serve(command: string): Promise<void> {
    const free = command.replace('npx nightjar serve', 'exec node bin/nightjar.mjs serve --port 0')
    const child = spawn('bash', ['-c', free], this.#options)
    const ended = new Promise<void>((end) => child.once('close', () => end()))
    this.#stop = async () => {
      child.kill('SIGINT')
      await ended
    }
    return new Promise((done, failed) => {
      let output = ''
      child.once('close', () => failed(new Error(`${command}: ended\n${output}`)))
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => {
          output += text
          const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)
          if (found === null) return
          this.#port = Number(found[1])
          done()
        })
      }
    })
  }

  /** Ends what serves. */
  async close(): Promise<void> {
    await this.#stop()
    this.#stop = async () => {}
  }

  get #options() {
    return { cwd: this.folder, env: this.#env }
  }
}

function lastLineOf(block: CommandBlock): string {
  const line = block.text.trim().split('\n').at(-1) ?? ''
  if (line.startsWith('npx nightjar serve')) return line
  throw new Error(`${placeOf(block)}: the last line does not serve: ${line}`)
}
