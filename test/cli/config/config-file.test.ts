import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { configCheck } from '../../../job/cli/config/config-check.ts'
import { readConfigFile } from '../../../job/cli/config/config-file.ts'
import { tempFolder } from '../../temp-folder.ts'
import { runCli } from '../run-cli.ts'

async function written(name: string, text: string): Promise<string> {
  const place = join(await tempFolder(), name)
  await writeFile(place, text)
  return place
}

describe('a configuration file', () => {
  it('is JSON, or a module whose default export says the same', async () => {
    const sections = { train: { epochs: 3 } }
    for (const [name, text] of [
      ['a.json', JSON.stringify(sections)],
      ['b.mjs', `export default ${JSON.stringify(sections)}`],
    ]) {
      const place = await written(name, text)
      expect(await readConfigFile(place)).toEqual({ place, sections })
    }
  })

  it.each([
    ['a.json', '{"train":', /a\.json is not JSON: /],
    ['a.json', '[]', /a\.json is not an object \(want commands, each with its options\)/],
    ['b.mjs', 'export const train = {}', /b\.mjs: its default export is not an object/],
    ['c.mjs', 'throw new Error("no such luck")', /c\.mjs could not be loaded: no such luck/],
  ])('%s of %j is refused', async (name, text, message) => {
    await expect(readConfigFile(await written(name, text))).rejects.toThrow(message)
  })

  it('that is named and is not there is refused, and --no-config reads none', async () => {
    await expect(readConfigFile('nowhere/a.json')).rejects.toThrow(
      '--config nowhere/a.json: there is no such file',
    )
    expect(await readConfigFile(false)).toBeUndefined()
  })

  it('that is JSON may lie in a bucket; a program may not', async () => {
    const text = '{"train":{"epochs":3}}'
    const server = createServer((request, response) => {
      const isThere = request.url?.startsWith('/bucket/a/config.json')
      response.writeHead(isThere ? 200 : 404, { 'Content-Length': isThere ? text.length : 0 })
      response.end(isThere && request.method === 'GET' ? text : '')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']) vi.stubEnv(name, 'x')
    onTestFinished(() => void vi.unstubAllEnvs())
    const place = 's3://bucket/a/config.json'
    expect(await readConfigFile(place)).toEqual({ place, sections: { train: { epochs: 3 } } })
    await expect(readConfigFile('s3://bucket/a/b.json')).rejects.toThrow('there is no such file')
    await expect(readConfigFile('s3://bucket/a/b.mjs')).rejects.toThrow(
      '--config s3://bucket/a/b.mjs: a program is read from this machine alone',
    )
  })

  it("is checked whole by doctor, with other commands' sections", async () => {
    const good = await written('a.json', '{"train":{"epochs":3},"publish":{"keep":2}}')
    expect(await configCheck(good)).toEqual({
      name: 'config',
      mark: 'ok',
      text: `${good} has defaults for train, publish`,
    })
    const wrong = await written('b.json', '{"train":{"epochs":3},"publish":{"keeep":2}}')
    expect(await configCheck(wrong)).toMatchObject({
      mark: 'missing',
      text: `${wrong}: publish.keeep: no such option; did you mean keep?`,
    })
  })
})

describe('the command line', () => {
  it('takes the file of the working folder, another by --config before or after the command, or none', async () => {
    const cwd = await tempFolder()
    await writeFile(join(cwd, 'nightjar.config.json'), '{"models":{"json":true}}')
    await writeFile(join(cwd, 'other.json'), '{"models":{"jsno":true}}')
    const usual = await runCli(['models'], { cwd })
    expect(JSON.parse(usual.stdout)).toContainEqual(expect.objectContaining({ name: 'jca' }))
    for (const args of [
      ['--config', 'other.json', 'models'],
      ['models', '--config', 'other.json'],
    ])
      expect(await runCli(args, { cwd })).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(
          /^\[USAGE\] other\.json: models\.jsno: no such option; did you mean json\?/,
        ),
      })
    expect((await runCli(['models', '--no-config'], { cwd })).stdout).toMatch(/^jca /)
  })

  it('refuses to choose between two files', async () => {
    const cwd = await tempFolder()
    for (const ending of ['json', 'mjs']) await writeFile(join(cwd, `nightjar.config.${ending}`), '{}')
    expect(await runCli(['models'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'nightjar.config.mjs and nightjar.config.json lie side by side, and both would be meant',
      ),
    })
  })

  it('meets a required option by the file, and prints stacks where the file says so', async () => {
    const cwd = await tempFolder()
    await writeFile(
      join(cwd, 'nightjar.config.mjs'),
      `export default { train: { out: ${JSON.stringify(join(cwd, 'run'))}, verbose: true } }`,
    )
    const { code, stderr } = await runCli(['train', 'nothing'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('[NOT_A_DATASET]')])
    expect(stderr).toContain(`--out: ${join(cwd, 'run')}, from nightjar.config.mjs`)
    expect(stderr).toMatch(/^ {4}at /m)
  })

  it('reads TypeScript where Node does, and says elsewhere what to do', async () => {
    const cwd = await tempFolder()
    await writeFile(join(cwd, 'nightjar.config.ts'), 'export default { models: { json: true as boolean } }\n')
    const { code, stdout, stderr } = await runCli(['models'], { cwd })
    if ((process.features as { typescript?: unknown }).typescript) {
      expect(JSON.parse(stdout).length).toBeGreaterThan(8)
    } else {
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /nightjar\.config\.ts: Node \S+ does not read TypeScript \(22\.18 and newer do\)\nFix: /,
      )
    }
  })
})
