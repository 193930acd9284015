import { execFile, spawn } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { tempFolder } from '../temp-folder.ts'

const run = promisify(execFile)

/** Blocks of a page in their order: those that a test runs, and the one that serves until it is stopped. */
async function blocksOf(page: string) {
  const text = await readFile(page, 'utf8')
  const all = [...text.matchAll(/```sh\n/g)].length
  const marked = [...text.matchAll(/<!-- (run|serve) -->\n```sh\n([\s\S]*?)```/g)]
  return { all, blocks: marked.map(([, kind, block = '']) => ({ kind, block })) }
}

/** What a reader's shell sees: `npx nightjar` from this checkout, in a folder of their own. */
async function shell() {
  const folder = await tempFolder()
  for (const name of ['bin', 'dist', 'edge', 'shared', 'node_modules', 'package.json', 'wrangler.toml'])
    await symlink(resolve(name), join(folder, name))
  await mkdir(join(folder, 'work'))
  const npx = `npx() { shift; "${process.execPath}" bin/nightjar.mjs "$@"; }`
  const env = { PATH: process.env.PATH, HOME: folder, CI: '1', NO_UPDATE_NOTIFIER: '1' }
  return { folder, npx, options: { cwd: folder, env } }
}

it('the tutorial goes from its CSV to served lists, and to a night, as it stands', async () => {
  const { all, blocks } = await blocksOf('docs/tutorial.md')
  expect(blocks).toHaveLength(all)
  const { npx, options } = await shell()
  const outputs: string[] = []
  let port = 8787
  let stop = async () => {}
  try {
    for (const { kind, block } of blocks) {
      if (kind === 'serve') {
        const served = await serve(
          `${block.trim().replace('npx nightjar', 'exec "$0" bin/nightjar.mjs')} --port 0`,
        )
        port = served.port
        stop = served.stop
        continue
      }
      const text = block.replaceAll(':8787', `:${port}`)
      // The gate may refuse what four hundred readers say little of; that is an outcome, too.
      const ends = await run('bash', ['-c', `set -eu\n${npx}\n${text}`], options).catch((error) => {
        if (error.code === 3 && text.includes('nightly')) return error as { stdout: string; stderr: string }
        throw error
      })
      outputs.push(ends.stdout + ends.stderr)
    }
  } finally {
    await stop()
  }
  const [made, imported, trained, lists, published, asked, night] = outputs
  expect(made).toContain('reader-1@example.org')
  expect(imported).toMatch(/users +400/)
  expect(trained).toMatch(/parts +\d\.\d+ /)
  // What the page says of reader 1.
  expect(lists.split('reader-1@example.org').at(-1)).toMatch(/Poetry, volume \d+/)
  expect(published).toMatch(/\d+ keys, .* in local KV in work\/library\/kv\nit is served now/)
  // Two answers, one after the other: reader 1's list, and what goes with a crime novel.
  const [own = '', similar = ''] = asked.replace('}{', '}\n{').split('\n').filter(Boolean)
  const idsOf = (answer: string) => (JSON.parse(answer).items as { id: string }[]).map(({ id }) => id)
  expect(idsOf(own)).toHaveLength(5)
  expect(idsOf(own).filter((id) => id.startsWith('Poetry-')).length).toBeGreaterThanOrEqual(3)
  expect(idsOf(similar)).toHaveLength(3)
  expect(idsOf(similar).every((id) => id.startsWith('Crime-'))).toBe(true)
  expect(night).toMatch(/imported 2 rows, 1 new users, 0 new items/)
  expect(night).toMatch(/gate: (passed|refused), NDCG@10 0\.\d+ against 0\.\d+ on \d+ users/)

  function serve(command: string): Promise<{ port: number; stop: () => Promise<void> }> {
    const child = spawn('bash', ['-c', command, process.execPath], options)
    return new Promise((done, failed) => {
      let output = ''
      const ended = new Promise<void>((end) => child.once('close', () => end()))
      child.once('close', () => failed(new Error(`serve ended: ${output}`)))
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => {
          output += text
          const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)
          if (found === null) return
          done({
            port: Number(found[1]),
            stop: async () => {
              child.kill('SIGINT')
              await ended
            },
          })
        })
      }
    })
  }
}, 240_000)
