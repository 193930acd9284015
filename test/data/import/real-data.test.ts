import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { splitDataset } from '../../../job/data/split/split-dataset.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { dataFolder, describeWith } from '../../capabilities.ts'
import { ImportBench } from './import-bench.ts'

describeWith('real-data', 'import', () => {
  const bench = new ImportBench()
  const data = (...parts: string[]) => join(dataFolder ?? '', ...parts)

  test('reads ml-1m as the file stands', async () => {
    const { report, rows, dataset } = await bench.import(data('ml-1m', 'train.csv'), {
      items: data('ml-1m', 'items.csv'),
    })
    expect(report).toMatchObject({
      rowsRead: 462_847,
      rowsKept: 462_847,
      rejected: 0,
      duplicates: 0,
      users: 6027,
      items: 3062,
      untitledItems: 0,
    })
    const lines = readFileSync(data('ml-1m', 'train.csv'), 'utf8').trimEnd().split('\n').slice(1)
    expect(rows.every((row, i) => row.join() === lines[i])).toBe(true)
    const { ids, titles, categories } = await dataset.items()
    expect(titles?.[ids.indexOf('1')]).toBe('Toy Story (1995)')
    expect(categories?.[ids.indexOf('1')]).toBe("Animation|Children's|Comedy")
  })

  test('reads the folder of ml-100k, latin-1 titles, ratings and times', async () => {
    const { report, dataset, rows } = await bench.import(data('ml-100k'))
    expect(report).toMatchObject({ rowsRead: 100_000, rowsKept: 100_000, users: 943, items: 1682 })
    expect(report.columns).toEqual(['user', 'item', 'weight', 'time'])
    expect(rows[0]).toEqual(['196', '242', 3, 881_250_949_000])
    const { ids, titles, categories } = await dataset.items()
    expect(titles?.[ids.indexOf('1175')]).toBe('Hugo Pool (1997)')
    expect(titles?.some((title) => title.includes('é'))).toBe(true)
    expect(categories?.[ids.indexOf('1')]).toBe("Animation|Children's|Comedy")
  })

  test('filters ml-100k as plain loops do', async () => {
    const { rows } = await bench.import(data('ml-100k', 'u.data'), { minRating: 4, minCount: 20 })
    let plain = readFileSync(data('ml-100k', 'u.data'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, , rating]) => Number(rating) >= 4)
    for (let before = -1; before !== plain.length; ) {
      before = plain.length
      for (const side of [0, 1]) {
        const counts = new Map<string, number>()
        for (const row of plain) counts.set(row[side], (counts.get(row[side]) ?? 0) + 1)
        plain = plain.filter((row) => (counts.get(row[side]) ?? 0) >= 20)
      }
    }
    expect(rows.map(([user, item]) => `${user} ${item}`)).toEqual(
      plain.map(([user, item]) => `${user} ${item}`),
    )
  })

  test('splits all positives of ml-1m into as many rows as the paper did', async () => {
    const { dataset } = await bench.import(data('ml-1m', 'all_positives.csv'))
    const out = openStore(bench.fresh())
    const { rows } = await splitDataset({ dataset, out, by: 'random', test: 0.2, validation: 0.1, seed: 0 })
    expect(rows).toEqual({ train: 462_847, validation: 43_264, test: 111_179 })
  })
})
