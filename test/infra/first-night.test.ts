import { execFile } from 'node:child_process'
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { describeWith } from '../capabilities.ts'
import { tempFolder } from '../temp-folder.ts'
import { type CloudTemplate, keptTemplate, resourcesOf } from './kept-template.ts'

const run = promisify(execFile)

// A bound for a stuck process, on a machine with much else to do.
const slowly = { timeout: 240_000 }

interface Block {
  text: string
  /** Whether the page says that a test runs it. */
  isRun: boolean
}

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(page, 'utf8')
  return [...text.matchAll(/(<!-- run -->\n)?```sh\n([\s\S]*?)```/g)].map(([, mark, block = '']) => ({
    text: block,
    isRun: mark !== undefined,
  }))
}

/** A clone as the page's reader has one, without copying its packages, and with ratings of theirs. */
async function clone(): Promise<string> {
  const folder = await tempFolder()
  const linked = [
    '.git',
    'bin',
    'dist',
    'edge',
    'shared',
    'node_modules',
    'package.json',
    'tsconfig.json',
    'wrangler.toml',
  ]
  for (const name of linked) await symlink(resolve(name), join(folder, name))
  await cp('infra', join(folder, 'infra'), {
    recursive: true,
    filter: (path) => !/\/(node_modules|cdk\.out)$/.test(path),
  })
  await symlink(resolve('infra/node_modules'), join(folder, 'infra/node_modules'))
  const { train } = plantTastes({ users: 300, itemsPerTaste: 20, itemsPerUser: 24 }, 1)
  const rows = train.map(({ userId, itemId }) => `${userId},${itemId}\n`)
  await writeFile(join(folder, 'ratings.csv'), `user_id,item_id\n${rows.join('')}`)
  return folder
}

/** Runs a block as it stands; only `npx nightjar` is taken from here at once, for npx looks around first. */
function runBlock(folder: string, text: string) {
  const npx = `npx() { shift; "${process.execPath}" bin/nightjar.mjs "$@"; }`
  return run('bash', ['-c', `set -eu\n${npx}\n${text}`], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, CI: '1', NO_UPDATE_NOTIFIER: '1' },
  })
}

describe('the page on the first night', () => {
  let blocks: Block[]
  let page: string
  let template: CloudTemplate

  beforeAll(async () => {
    page = await readFile('docs/how-to/first-night.md', 'utf8')
    blocks = await blocksOf('docs/how-to/first-night.md')
    template = await keptTemplate()
  })

  const named = (pattern: RegExp) => [...new Set([...page.matchAll(pattern)].map(([, name = '']) => name))]

  test('holds commands that a shell can read', async () => {
    expect(blocks.length).toBeGreaterThan(10)
    for (const { text } of blocks) await run('bash', ['-n', '-c', text])
  })

  test('names outputs, parameters and the secret as the stack has them', () => {
    const outputs = named(/\$\(output (\w+)\)/g)
    expect(outputs).toEqual(['Repository', 'DataBucket'])
    for (const name of outputs) expect(Object.keys(template.Outputs)).toContain(name)
    const parameters = Object.keys(template.Parameters)
    const overrides = named(/(?<=[ \n])([A-Z][A-Za-z]+)=(?:\.\.\.|you@|\$TAG|DISABLED)/g)
    expect(overrides.length).toBeGreaterThan(3)
    for (const name of overrides) expect(parameters).toContain(name)
    const settings = named(/-c (\w+)=/g)
    expect(settings.length).toBeGreaterThan(5)
    for (const [first = '', ...rest] of settings)
      expect(parameters).toContain([first.toUpperCase(), ...rest].join(''))
    const [secret] = resourcesOf(template, 'AWS::SecretsManager::Secret')
    expect(named(/--secret-id\s+(\S+)/g)).toEqual([secret.Properties.Name])
  })

  test('needs no package but what a clone installs, and no file that is not there', async () => {
    const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'))
    for (const client of ['batch', 'scheduler', 'cloudwatch-logs', 's3'])
      expect(devDependencies).toHaveProperty(`@aws-sdk/client-${client}`)
    const paths = named(/(infra\/[\w./]+\.json|infra\/Dockerfile)/g)
    expect(paths).toHaveLength(2)
    for (const path of paths) expect(await readdir(join(path, '..'))).toContain(path.split('/').at(-1))
  })

  test('runs a night on this machine and shows its version', slowly, async () => {
    const block = blocks.find(({ text, isRun }) => isRun && text.includes('nightjar nightly'))
    const { stdout } = await runBlock(await clone(), block?.text ?? 'false')
    expect(stdout).toContain('Verdict: training on the CPU works')
    expect(stdout).toMatch(/outcome +published/)
    expect(stdout).toMatch(/current +\d{8}T\d{6}Z-[0-9a-f]{6}|\d{8}T\d{6}Z-[0-9a-f]{6}.*current/)
  })
})

describeWith('cdk', 'the page on the first night', () => {
  test('synthesises the stack with the settings that it deploys with', slowly, async () => {
    const block = (await blocksOf('docs/how-to/first-night.md')).find(
      ({ text, isRun }) => isRun && text.includes('synth'),
    )
    const folder = await clone()
    await runBlock(folder, block?.text ?? 'false')
    const made = JSON.parse(await readFile(join(folder, 'infra/cdk.out/nightjar.template.json'), 'utf8'))
    const [schedule] = resourcesOf(made, 'AWS::Scheduler::Schedule')
    expect(schedule.Properties).toMatchObject({
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'DISABLED',
    })
    expect(Object.keys(made.Parameters)).not.toContain('AlarmEmail')
  })
})
