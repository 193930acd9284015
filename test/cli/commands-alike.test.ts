import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRun } from '../made-run.ts'
import { callCli } from './call-cli.ts'
import { everyCommand } from './every-command.ts'
import { runCli } from './run-cli.ts'

/** Commands that are only a name for their parts: the parts have the options. */
const groups = ['feedback']

/** Whose result is not run here, and where else it is, or why it is not one JSON value. */
const elsewhere: Record<string, string> = {
  ...{ feedback: 'a group', serve: 'goes on until Ctrl-C: below', demo: 'takes half a minute' },
  ...{ doctor: 'commands/doctor.test.ts', reproduce: 'commands/reproduce.test.ts' },
  ...{ submit: 'cloud/submit.test.ts', status: 'cloud/status.test.ts', cancel: 'cloud/cancel.test.ts' },
  ...{ list: 'cloud/list.test.ts', schedule: 'cloud/schedule.test.ts' },
  logs: 'a JSON object for each line of the log, which may have no end: cloud/logs.test.ts',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-alike-'))
  await makeRun(folder, { users: 20, items: 15, rows: 100, hidden: 4 })
  const pairs = Array.from({ length: 15 }, (_, item) => `user-0,item-${item}\n`)
  await writeFile(join(folder, 'pairs.csv'), ['user_id,item_id\n', ...pairs].join(''))
})
afterAll(() => rm(folder, { recursive: true }))

/** Commands that are quick on a made run, in an order in which each finds what it needs. */
const quick = (): string[][] => {
  const at = (...names: string[]) => join(folder, ...names)
  const [dataset, run, local] = [at('dataset'), at('run'), `local:${at('kv')}`]
  const cpu = ['--engine', 'wasm', '--threads', '1']
  const popular = ['--model', 'popularity', '--no-fold-in']
  return [
    ['models'],
    ['import', at('pairs.csv'), '--out', at('imported')],
    ['split', dataset, '--out', at('split')],
    ['tune', dataset, '--model', 'item-knn', '--out', at('tuned'), '--trials', '1', '--parallel', '1'],
    ['train', dataset, '--out', at('popular'), ...popular],
    ['fold-in', at('popular')],
    ['evaluate', run, '--test', at('pairs.csv'), ...cpu],
    ['export', run, '--k', '5', ...cpu],
    ['report', run],
    ['publish', run, '--to', local],
    ['versions', '--at', local],
    ['rollback', '--unpin', '--at', local],
    ['inspect', run],
    ['hide', 'item-1', '--at', local],
    ['hidden', '--at', local],
    ['unhide', 'item-1', '--at', local],
    ['forget', dataset, '--user', 'user-1'],
    ['compact', dataset],
    ['nightly', '--dataset', dataset, '--runs', at('nights'), '--to', `${local}-of-nights`, ...popular],
    ['feedback', 'pull', '--from', local, '--out', at('feedback')],
  ]
}

describe('every command', () => {
  it('has --json, --quiet and --verbose, and help with an example, but for groups', async () => {
    for (const { name, command } of await everyCommand()) {
      const shared = ['--json', '--quiet', '--verbose']
      const has = command.options.map(({ long }) => long).filter((long) => shared.includes(long ?? ''))
      expect(has, name).toEqual(groups.includes(name) ? [] : shared)
      let help = ''
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
      if (!groups.includes(name)) expect(help, name).toContain(`Example:\n  nightjar ${name}`)
    }
  })

  it('is run here, or said to be tested elsewhere', async () => {
    const names = (await everyCommand()).map(({ name }) => name)
    const run = quick().map(([name, part]) => (groups.includes(name) ? `${name} ${part}` : name))
    expect([...run, ...Object.keys(elsewhere)].sort()).toEqual(names.sort())
  })

  it('with --json prints one JSON value, and with --quiet nothing beside it', async () => {
    for (const args of quick()) {
      const { code, stdout, stderr } = await callCli([...args, '--json', '--quiet', '--no-config'])
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
      const value: unknown = JSON.parse(stdout)
      expect(typeof value, stdout).toBe('object')
    }
  })

  it('that goes on prints its JSON once: serve', async () => {
    const args = ['serve', '--at', `local:${join(folder, 'kv')}`, '--port', '0', '--json', '--quiet']
    const served = await runCli(args, { signal: { afterOutput: /\}\n$/, name: 'SIGINT' } })
    expect(JSON.parse(served.stdout)).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    })
    expect([served.code, served.stderr]).toEqual([0, ''])
  })

  it('prints no result where it fails, and the error on standard error alone, also with --json and --quiet', async () => {
    for (const args of [
      ['train', folder, '--out', join(folder, 'none')],
      ['inspect', join(folder, 'none')],
    ]) {
      const { code, stdout, stderr } = await callCli([...args, '--json', '--quiet', '--no-config'])
      expect([args[0], code, stdout]).toEqual([args[0], 1, ''])
      expect(stderr).toMatch(/^\[[A-Z_]+\] .+/)
    }
  })
})
