import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelNames } from '../../../job/models/model-kinds.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { makeShopDataset } from '../../made-dataset.ts'
import { callCli } from '../call-cli.ts'

let folder: string
let dataset: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-train-'))
  dataset = join(folder, 'dataset')
  await makeShopDataset(openStore(dataset), 60)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const manifestOf = async (run: string) =>
  JSON.parse(await readFile(join(folder, run, 'manifest.json'), 'utf8'))

describe('nightjar models', () => {
  it('prints every model with its paper and its options, in eighty columns', async () => {
    const { stdout } = await callCli(['models'])
    for (const name of modelNames) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'))
    expect(stdout).toContain('l2Exponent=1')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    const facts = JSON.parse((await callCli(['models', '--json'])).stdout)
    expect(facts.map(({ name }: { name: string }) => name)).toEqual(modelNames)
  })
})

describe('nightjar train --model', () => {
  const train = (run: string, ...flags: string[]) =>
    callCli(['train', dataset, '--out', join(folder, run), '--no-fold-in', ...flags])

  it('trains that model, with options by flag and by name', async () => {
    const trained = await train('ials', '--model', 'ials', '--l2', '2', '--option', 'factors=4')
    expect(trained).toMatchObject({ code: 0 })
    expect(trained.stderr).not.toContain('engine')
    const { model, config } = await manifestOf('ials')
    expect({ model, config }).toMatchObject({ model: 'ials', config: { factors: 4, l2: 2, l2Exponent: 1 } })
    const exported = await callCli(['export', join(folder, 'ials'), '--k', '5', '--json'])
    expect(JSON.parse(exported.stdout)).toMatchObject({ users: 60, k: 5 })
  })

  it('takes what a search found as it is: model, options, epochs, and nothing held out', async () => {
    const tuned = join(folder, 'tuned.json')
    await writeFile(tuned, JSON.stringify({ model: 'mf', options: { factors: 4, l2: 3 }, epochs: 2 }))
    expect(await train('tuned', '--tuned', tuned)).toMatchObject({ code: 0 })
    const { model, config, epochs, holdout } = await manifestOf('tuned')
    expect({ model, holdout }).toEqual({ model: 'mf', holdout: null })
    expect(config).toMatchObject({ factors: 4, l2: 3, epochs: 2 })
    expect(epochs).toEqual({ best: 2, trained: 2, refit: true })
    const other = await train('other', '--tuned', tuned, '--model', 'jca')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('tuned.json is of the model mf') })
  })

  it('trains the variants of the paper', async () => {
    const quickly = ['--model', 'jca', '--hidden', '4', '--epochs', '1', '--loss', 'mse', '--no-item-factor']
    expect(await train('mse', ...quickly)).toMatchObject({ code: 0 })
    expect((await manifestOf('mse')).config).toMatchObject({ loss: 'mse', itemFactor: false })
  })

  it.each([
    [['--model', 'svd'], 'unknown model: svd (want jca, '],
    [
      ['--model', 'ease', '--margin', '0.2'],
      '--margin is no option of ease (it has l2, dropout, rowExponent, itemExponent; set by --option name=value; --margin is one of jca)',
    ],
    [['--model', 'ease', '--no-item-factor'], '--item-factor is no option of ease'],
    [['--model', 'ease', '--epochs', '3'], 'ease is fitted in one epoch, not in 3'],
    [['--model', 'ease', '--preset', 'paper'], "--preset paper is of the paper's autoencoders"],
    [['--model', 'ease', '--engine', 'tfjs'], 'ease runs on the CPU alone'],
    [['--model', 'ials', '--option', 'factors=many'], 'options of ials: factors: '],
    [['--model', 'jca', '--option', 'depth=2'], 'options of jca: Unrecognized key: "depth" (it has hidden, '],
    [
      ['--hidden', '8'],
      '--hidden is no option of blend (it has parts; set by --option name=value; --hidden is one of jca, ',
    ],
    [['--patience', '3'], '--patience and --eval-every are not of blend'],
    [['--option', 'parts=ials,jca'], 'options of blend: parts.1.model: '],
    [['--option', 'depth'], 'invalid option: depth (want name=value'],
  ])('%j is wrong use', async (flags, message) => {
    const { code, stderr } = await train('wrong', ...flags)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(await openStore(join(folder, 'wrong')).list('')).toEqual([])
  })
})
