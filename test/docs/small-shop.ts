import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { csvLine } from '../../job/data/csv-text.ts'
import { type PlantedShop, plantTastes } from '../../job/data/planted-tastes.ts'
import { callCli } from '../cli/call-cli.ts'

/** The demo's shop, small: its ids are of the same form, and what pages say of `tea-1` and `user-7` can be asked. */
export const smallShop = (): PlantedShop =>
  plantTastes({ users: 120, itemsPerTaste: 10, itemsPerUser: 16 }, 1)

/** `work/demo/train.csv`, `test.csv` and `items.csv`, as the demo writes them. */
export async function writeDemoFiles(folder: string): Promise<void> {
  const { train, test, items } = smallShop()
  const demo = join(folder, 'work', 'demo')
  await mkdir(demo, { recursive: true })
  await writeFile(join(demo, 'train.csv'), csvOf(train))
  await writeFile(join(demo, 'test.csv'), csvOf(test))
  const rows = items.map(({ id, title, category }) => [id, title, category])
  await writeFile(join(demo, 'items.csv'), [['item_id', 'title', 'category'], ...rows].map(csvLine).join(''))
}

/** With a header that import knows. */
export function csvOf(pairs: { userId: string; itemId: string }[]): string {
  const rows = pairs.map(({ userId, itemId }) => [userId, itemId])
  return [['user_id', 'item_id'], ...rows].map(csvLine).join('')
}

/**
 * What pages presuppose: `work/demo` with `dataset`, `run` and `state`, as `nightjar demo` leaves it; `work/shop` and `work/run`, the
 * same by the names that one's own data has, with lists; and a morning's file in `incoming`.
 */
export async function makeSmallShop(folder: string): Promise<void> {
  await writeDemoFiles(folder)
  const demo = (name: string) => join(folder, 'work', 'demo', name)
  const cli = async (...words: string[]) => {
    const { code, stderr } = await callCli(words)
    expect([words[0], code, code === 0 ? '' : stderr]).toEqual([words[0], 0, ''])
  }
  await cli('import', demo('train.csv'), '--items', demo('items.csv'), '--out', demo('dataset'))
  const sizes = ['--model', 'jca', '--hidden', '8', '--epochs', '10', '--learning-rate', '0.01']
  await cli('train', demo('dataset'), '--out', demo('run'), ...sizes)
  await cli('export', demo('run'), '--k', '50')
  await cli('publish', demo('run'), '--to', `local:${demo('state')}`)
  await cp(demo('dataset'), join(folder, 'work', 'shop'), { recursive: true })
  await cp(demo('run'), join(folder, 'work', 'run'), { recursive: true })
  // A run remembers where its dataset lies, seen from itself.
  const manifest = join(folder, 'work', 'run', 'manifest.json')
  const text = await readFile(manifest, 'utf8')
  expect(text).toContain('"../dataset"')
  await writeFile(manifest, text.replace('"../dataset"', '"../shop"'))
  await mkdir(join(folder, 'incoming'))
  await writeFile(
    join(folder, 'incoming', 'monday.csv'),
    csvOf([
      { userId: 'user-1', itemId: 'tea-9' },
      { userId: 'somebody-new', itemId: 'tea-2' },
    ]),
  )
}
