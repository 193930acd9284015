import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeWith } from '../../capabilities.ts'
import { tempFolder } from '../../temp-folder.ts'

const script = resolve('infra/scripts/libtensorflow.sh')
const files = [
  'lib/libtensorflow.so',
  'lib/libtensorflow_framework.so',
  'include/tensorflow/c/c_api.h',
  'include/tensorflow/c/eager/c_api.h',
]

/** An archive laid out as libtensorflow's is. */
async function archive(names = files): Promise<{ path: string; sha256: string }> {
  const folder = await tempFolder()
  for (const name of names) {
    await mkdir(join(folder, 'tree', name, '..'), { recursive: true })
    await writeFile(join(folder, 'tree', name), `made: ${name}`)
  }
  const path = join(folder, 'made.tar.gz')
  execFileSync('tar', ['-czf', path, '-C', join(folder, 'tree'), '.'])
  return {
    path,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  }
}

function run(target: string, env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    const child = execFile(
      'sh',
      [script, target],
      { env: { PATH: process.env.PATH ?? '', ...env } },
      (_error, _stdout, stderr) => done({ code: child.exitCode ?? -1, stderr }),
    )
  })
}

/** Serves one file on this machine, and 404 for all else. */
async function served(path: string): Promise<string> {
  const bytes = await readFile(path)
  const server = createServer((request, response) => {
    if (request.url === '/made.tar.gz') response.end(bytes)
    else response.writeHead(404).end('<Error>closed</Error>')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('libtensorflow.sh', () => {
  test('is a script of plain sh, as packages.sh is', () => {
    for (const name of ['libtensorflow.sh', 'packages.sh'])
      execFileSync('sh', ['-n', `infra/scripts/${name}`])
  })

  test('unpacks a file that has its sha256, where the build of the addon looks', async () => {
    const { path, sha256 } = await archive()
    const target = join(await tempFolder(), 'deps')
    const env = { LIBTENSORFLOW_FILE: path, LIBTENSORFLOW_SHA256: sha256 }
    expect(await run(target, env)).toEqual({ code: 0, stderr: '' })
    for (const name of files) expect(await readFile(join(target, name), 'utf8')).toBe(`made: ${name}`)
  })

  test('unpacks nothing that has another sha256', async () => {
    const { path, sha256 } = await archive()
    const target = join(await tempFolder(), 'deps')
    const wrong = 'f'.repeat(64)
    const { code, stderr } = await run(target, { LIBTENSORFLOW_FILE: path, LIBTENSORFLOW_SHA256: wrong })
    expect(code).toBe(1)
    expect(stderr).toContain(`the archive has sha256 ${sha256}, expected ${wrong}`)
    await expect(readdir(target)).rejects.toThrow('ENOENT')
  })

  test('says what to give where no archive is named, two are, or no sha256', async () => {
    const target = await tempFolder()
    const url = { LIBTENSORFLOW_URL: 'http://127.0.0.1:9/made.tar.gz' }
    expect((await run(target, {})).stderr).toMatch(
      /no archive is named[\s\S]*Fix: --build-arg LIBTENSORFLOW_URL=/,
    )
    expect((await run(target, { ...url, LIBTENSORFLOW_FILE: 'made.tar.gz' })).stderr).toContain('give one')
    expect((await run(target, url)).stderr).toContain('LIBTENSORFLOW_SHA256 is not given')
  })

  test('refuses an archive of something else, and a file that is not there', async () => {
    const { path, sha256 } = await archive(['lib/libtensorflow.so'])
    const target = await tempFolder()
    const other = await run(target, { LIBTENSORFLOW_FILE: path, LIBTENSORFLOW_SHA256: sha256 })
    expect(other).toMatchObject({ code: 1 })
    expect(other.stderr).toContain('the archive has no lib/libtensorflow_framework.so')
    const none = await run(target, { LIBTENSORFLOW_FILE: `${path}.none`, LIBTENSORFLOW_SHA256: sha256 })
    expect(none.stderr).toContain('there is no file')
  })
})

describeWith('curl', 'libtensorflow.sh', () => {
  test('fetches it by URL, and says where it could not', async () => {
    const { path, sha256 } = await archive()
    const origin = await served(path)
    const target = join(await tempFolder(), 'deps')
    const env = { LIBTENSORFLOW_SHA256: sha256 }
    expect(await run(target, { ...env, LIBTENSORFLOW_URL: `${origin}/made.tar.gz` })).toEqual({
      code: 0,
      stderr: '',
    })
    expect(await readdir(join(target, 'lib'))).toHaveLength(2)
    const closed = await run(target, { ...env, LIBTENSORFLOW_URL: `${origin}/gone.tar.gz` })
    expect(closed.code).toBe(1)
    expect(closed.stderr).toContain(`cannot be had from ${origin}/gone.tar.gz`)
  })
})
