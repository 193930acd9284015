import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../job/store/open-store.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { callCli } from './call-cli.ts'
import { masked } from './masked.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-screens-'))
  const { shop } = await makeShopDataset(openStore(join(folder, 'shop')), 60)
  const pairs = shop.test.map(({ userId, itemId }) => `${userId},${itemId}\n`)
  await writeFile(join(folder, 'test.csv'), ['user_id,item_id\n', ...pairs].join(''))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a command writes, as somebody sees it who pipes nothing: progress first. */
async function screenOf(...words: string[]): Promise<string> {
  const places = words.map((word) => word.replace('FOLDER', folder))
  const { code, stdout, stderr } = await callCli([...places, '--no-config'])
  expect([words, code]).toEqual([words, 0])
  // How far a phase was after ten seconds, on a machine where it takes as long.
  const isPace = /^MOMENT .* \d+\/\d+/
  const lines = masked(`${stderr}${stdout}`, folder).split('\n')
  return lines.filter((line) => !isPace.test(line)).join('\n')
}

describe('the screen of', () => {
  it('train of a blend, then of evaluate, export and report', async () => {
    const small = ['--option', 'parts=ials,item-knn', '--epochs', '4', '--threads', '1']
    const screens = {
      train: await screenOf('train', 'FOLDER/shop', '--out', 'FOLDER/run', ...small),
      evaluate: await screenOf('evaluate', 'FOLDER/run', '--test', 'FOLDER/test.csv'),
      export: await screenOf('export', 'FOLDER/run', '--k', '10'),
      report: await screenOf('report', 'FOLDER/run'),
    }
    for (const [name, screen] of Object.entries(screens)) expect(screen).toMatchSnapshot(name)
  })

  it('train of JCA', async () => {
    const small = ['--model', 'jca', '--engine', 'wasm', '--hidden', '8', '--epochs', '4', '--no-fold-in']
    expect(await screenOf('train', 'FOLDER/shop', '--out', 'FOLDER/jca', ...small)).toMatchSnapshot()
  })
})
