import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { describeWith } from '../capabilities.ts'
import { blocksOf } from '../docs/command-blocks.ts'
import { Reader } from '../docs/reader.ts'
import { type CloudTemplate, keptTemplate, resourcesOf } from './kept-template.ts'

// A bound for a stuck process, on a machine with much else to do.
const slowly = { timeout: 240_000 }

/** A block of the page that this test runs, by something in it. */
async function blockWith(command: string): Promise<string> {
  const blocks = await blocksOf('docs/how-to/first-night.md')
  const found = blocks.find(({ mark, text }) => mark?.kind === 'run by' && text.includes(command))
  return found?.text ?? 'false'
}

/** A clone as the page's reader has one, with its history, its infra and ratings of theirs. */
async function clone(): Promise<Reader> {
  const reader = await Reader.come()
  onTestFinished(() => reader.leave())
  const { folder } = reader
  for (const name of ['.git', 'tsconfig.json']) await symlink(resolve(name), join(folder, name))
  await cp('infra', join(folder, 'infra'), {
    recursive: true,
    filter: (path) => !/\/(node_modules|cdk\.out)$/.test(path),
  })
  await symlink(resolve('infra/node_modules'), join(folder, 'infra/node_modules'))
  const { train } = plantTastes({ users: 300, itemsPerTaste: 20, itemsPerUser: 24 }, 1)
  const rows = train.map(({ userId, itemId }) => `${userId},${itemId}\n`)
  await writeFile(join(folder, 'ratings.csv'), `user_id,item_id\n${rows.join('')}`)
  return reader
}

describe('the page on the first night', () => {
  let page: string
  let template: CloudTemplate

  beforeAll(async () => {
    page = await readFile('docs/how-to/first-night.md', 'utf8')
    template = await keptTemplate()
  })

  const named = (pattern: RegExp) => [...new Set([...page.matchAll(pattern)].map(([, name = '']) => name))]

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
    const { stdout } = await (await clone()).run(await blockWith('nightjar nightly'))
    expect(stdout).toContain('Verdict: training on the CPU works')
    expect(stdout).toMatch(/outcome +published/)
    expect(stdout).toMatch(/current +\d{8}T\d{6}Z-[0-9a-f]{6}|\d{8}T\d{6}Z-[0-9a-f]{6}.*current/)
  })
})

describeWith('cdk', 'the page on the first night', () => {
  test('synthesises the stack with the settings that it deploys with', slowly, async () => {
    const reader = await clone()
    await reader.run(await blockWith('synth'))
    const made = JSON.parse(
      await readFile(join(reader.folder, 'infra/cdk.out/nightjar.template.json'), 'utf8'),
    )
    const [schedule] = resourcesOf(made, 'AWS::Scheduler::Schedule')
    expect(schedule.Properties).toMatchObject({
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'DISABLED',
    })
    expect(Object.keys(made.Parameters)).not.toContain('AlarmEmail')
  })
})
