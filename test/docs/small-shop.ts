import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvLine } from '../../job/data/csv-text.ts'
import { type PlantedShop, plantTastes } from '../../job/data/planted-tastes.ts'
import type { Reader } from './reader.ts'

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
 * same by the names that one's own data has, with lists; a morning's file in `incoming`; and
 * a configuration by which what is trained is trained for few epochs. A run remembers where its dataset lies, seen from itself.
 */
export async function makeSmallShop(reader: Reader): Promise<void> {
  await writeDemoFiles(reader.folder)
  await reader.run(`
npx nightjar import work/demo/train.csv --items work/demo/items.csv --out work/demo/dataset
npx nightjar train work/demo/dataset --out work/demo/run --model jca --hidden 8 --epochs 10 --learning-rate 0.01
npx nightjar export work/demo/run --k 50
npx nightjar publish work/demo/run --to local:work/demo/state
cp -R work/demo/dataset work/shop
cp -R work/demo/run work/run
sed 's|"../dataset"|"../shop"|' work/demo/run/manifest.json > work/run/manifest.json
mkdir incoming
echo '{ "train": { "epochs": 10 }, "nightly": { "epochs": 10 } }' > nightjar.config.json
printf 'user_id,item_id\\nuser-1,tea-9\\nsomebody-new,tea-2\\n' > incoming/monday.csv`)
}
