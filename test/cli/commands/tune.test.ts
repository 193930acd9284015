import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../job/store/open-store.ts'
import { makeShopDataset } from '../../made-dataset.ts'
import { callCli } from '../call-cli.ts'
import { type CliResult, runCli } from '../run-cli.ts'

let folder: string
let dataset: string
let here: CliResult

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-tune-'))
  dataset = join(folder, 'dataset')
  await makeShopDataset(openStore(dataset), 200)
  here = await tune('here', '--parallel', '1')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const search = [
  '--model',
  'ials',
  '--search',
  'grid',
  '--try',
  'factors=2,8',
  '--try',
  'l2=0.3,3',
  '--epochs',
  '2',
]
const words = (out: string, ...flags: string[]) => [
  ...['tune', dataset, '--out', join(folder, out), ...search],
  ...flags,
]
const tune = (out: string, ...flags: string[]) => callCli(words(out, ...flags))

describe('nightjar tune', () => {
  it('prints its budget, a table, and the command that trains the winner', async () => {
    const { code, stdout, stderr } = here
    expect(code).toBe(0)
    expect(stderr).toContain('budget: 4 trials of at most 2 epochs of ials; chosen by NDCG@10 on')
    expect(stdout).toMatch(/^trial {2}ndcg@10 +f1@10 {2}epoch {2}fit s {2}factors +l2$/m)
    const best = join(folder, 'here', 'best.json')
    expect(stdout).toContain(`--tuned ${best}`)
    const trained = await callCli([
      'train',
      dataset,
      '--out',
      join(folder, 'run'),
      '--no-fold-in',
      '--tuned',
      best,
    ])
    expect(trained.code).toBe(0)
    const { config } = JSON.parse(await readFile(join(folder, 'run', 'manifest.json'), 'utf8'))
    expect(config).toMatchObject(JSON.parse(await readFile(best, 'utf8')).options)
  })

  it('finds the same by processes side by side, and by the shards of an array', async () => {
    const file = async (out: string, name: string) =>
      JSON.parse(await readFile(join(folder, out, name), 'utf8'), (key, value) =>
        key === 'fitMs' ? 0 : value,
      )
    expect((await runCli(words('processes', '--parallel', '3'))).code).toBe(0)
    expect(await file('processes', 'trials.json')).toEqual(await file('here', 'trials.json'))
    for (const index of ['1', '0']) {
      const env = { AWS_BATCH_JOB_ARRAY_INDEX: index, NIGHTJAR_SHARDS: '2' }
      expect((await callCli(words('array', '--shard', 'auto', '--parallel', '1'), { env })).code).toBe(0)
    }
    expect((await tune('array', '--merge', '2')).code).toBe(0)
    expect(await file('array', 'trials.json')).toEqual(await file('here', 'trials.json'))
  })

  it.each([
    [['--search', 'halving', '--shard', '0/2'], 'halving cannot be shared out'],
    [['--shard', '0/2', '--merge', '2'], '--shard and --merge: want one of them'],
    [['--overwrite', '--merge', '2'], '--overwrite would throw away'],
    [['--try', 'depth=1,2'], 'depth=1 is nothing for ials'],
  ])('%j is wrong use', async (flags, message) => {
    const { code, stderr } = await tune('wrong', ...flags)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(await openStore(join(folder, 'wrong')).list('')).toEqual([])
  })
})
