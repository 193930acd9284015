import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { plantTastes } from '../../../job/data/planted-tastes.ts'
import { writeShopSplit } from '../../experiments/reproduce/made-split.ts'
import { tempFolder } from '../../temp-folder.ts'
import { callCli } from '../call-cli.ts'
import { runCli } from '../run-cli.ts'

const few = ['--system', 'ease', '--system', 'popularity', '--seeds', '1', '--threads', '1']

describe('nightjar reproduce', () => {
  test('writes a report, prints the figures, and has them again without fitting', async () => {
    const folder = await tempFolder()
    const data = await writeShopSplit(folder, 'games')
    const out = join(folder, 'out')
    const words = ['reproduce', '--data', data, '--table', '3', '--out', out, ...few]
    const first = await runCli(words)
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringContaining('EASE on Video Games, seed 1: F1@10 0.'),
    ])
    expect(first.stdout).toMatch(/EASE {10,}0?\.\d{4}\n/)
    expect(first.stdout).toMatch(/JCA +not run +\.0322\n/)
    expect(first.stdout).toContain(`written to ${join(out, 'report.html')} and report.md`)
    const again = await callCli([...words, '--json'])
    expect(again.stderr).not.toContain('EASE')
    const facts = JSON.parse(again.stdout)
    expect(facts.files).toEqual([join(out, 'report.md'), join(out, 'report.html')])
    const games = facts.data.find(({ label }: { label: string }) => label === 'Video Games')
    expect(games.systems.jca).toEqual({ notRun: 'not asked for' })
    expect(games.systems.ease).toMatchObject({
      model: 'ease',
      options: { l2: 100 },
      config: 'configs/games/ease.json',
    })
    expect(games.systems.ease.metrics['10'].f1.mean).toBeGreaterThan(0.1)
    expect(await readFile(join(out, 'report.md'), 'utf8')).toContain('## Table 3: ')
  })

  test('refuses what makes no sense, and says what is missing', async () => {
    const folder = await tempFolder()
    const said = async (...words: string[]) => {
      const { code, stderr } = await callCli(['reproduce', '--out', join(folder, 'out'), ...words])
      return [code, stderr.split('\n').find((line) => line.startsWith('['))]
    }
    expect(await said('--table', '7')).toEqual([2, '[USAGE] invalid table: 7 (want one of 1, 2, 3, 4, 5, 6)'])
    expect(await said('--figure', '2')).toEqual([2, '[USAGE] invalid figure: 2 (want one of 1, 3, 4)'])
    expect((await said('--system', 'jac'))[0]).toBe(2)
    expect(await said('--data', join(folder, 'gone'))).toEqual([
      1,
      `[DATA_NONE] no data: ${join(folder, 'gone')} is not there`,
    ])
  })

  test('a system that fails is left out of the report, and ends it with code 1', async () => {
    const folder = await tempFolder()
    const data = await writeShopSplit(folder, 'shop')
    await mkdir(join(folder, 'configs', 'shop'), { recursive: true })
    const options = { loss: 'mse', hidden: 8, learningRate: 1e38 }
    const config = { model: 'jca', options, epochs: 4 }
    await writeFile(join(folder, 'configs', 'shop', 'jca-mse.json'), JSON.stringify(config))
    const words = [
      '--table',
      '3',
      '--table',
      '5',
      '--system',
      'jca-mse',
      '--system',
      'popularity',
      '--seeds',
      '1',
    ]
    const places = ['--data', data, '--configs', join(folder, 'configs'), '--out', join(folder, 'out')]
    const { code, stdout, stderr } = await callCli(['reproduce', ...places, ...words])
    expect([code, stderr]).toEqual([1, expect.stringContaining('[LOSS_NOT_FINITE]')])
    expect(stdout).toMatch(/Popularity +\.\d{4}\n/)
    const report = await readFile(join(folder, 'out', 'report.md'), 'utf8')
    expect(report).toContain('Not run on shop: JCA-MSE (it failed: the loss became NaN')
  })

  test('the page on data: its commands, from ratings as MovieLens publishes them to a report', async () => {
    const folder = await tempFolder()
    const shop = plantTastes({ users: 120, itemsPerTaste: 8, itemsPerUser: 14 }, 5)
    const pairs = [...shop.train, ...shop.test]
    const numberOf = (id: string) =>
      [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 99_991, 7)
    await mkdir(join(folder, 'work', 'ml-1m'), { recursive: true })
    const ratings = pairs.map(({ userId, itemId }, n) =>
      [userId.slice(5), numberOf(itemId), n % 7 === 0 ? 3 : 5, 978_300_000 + n].join('::'),
    )
    await writeFile(join(folder, 'work', 'ml-1m', 'ratings.dat'), `${ratings.join('\n')}\n`)
    const purchases = pairs.map(({ userId, itemId }) => `${userId},${itemId}`)
    await writeFile(
      join(folder, 'work', 'purchases.csv'),
      `customer_id,product_id\n${purchases.join('\n')}\n`,
    )

    const page = await readFile('docs/how-to/data.md', 'utf8')
    const commands = [...page.matchAll(/^npx nightjar (.+)$/gm)].map(([, words]) => words.split(' '))
    expect(commands.map(([name]) => name)).toEqual([
      'import',
      'split',
      'reproduce',
      'reproduce',
      'import',
      'split',
      'reproduce',
    ])
    for (const words of commands) {
      const here = words.map((word) => (word.startsWith('work/') ? join(folder, word) : word))
      // Hours on real data, and minutes on this: the page's other commands run it too.
      if (words.join(' ') === 'reproduce --data work/splits/ml-1m') continue
      if (words[0] === 'reproduce') here.push('--out', join(folder, 'work', 'reproduce'))
      const { code, stderr } = await callCli(here)
      expect([words.join(' '), code, code === 0 ? '' : stderr]).toEqual([words.join(' '), 0, ''])
    }
    const report = await readFile(join(folder, 'work', 'reproduce', 'report.html'), 'utf8')
    expect(report).toContain('purchases')
  })
})
