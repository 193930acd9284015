import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plantTastes } from '../../../job/data/planted-tastes.ts'

/** Rows of a file: `user item`. */
export type Rows = readonly (readonly [user: string | number, item: string | number])[]

/** Writes a split folder called `name` and returns its place. */
export async function writeSplit(
  folder: string,
  name: string,
  files: { train: Rows; validation?: Rows; test: Rows },
): Promise<string> {
  const place = join(folder, name)
  await mkdir(place, { recursive: true })
  const csv = (rows: Rows) =>
    ['user_id,item_id', ...rows.map(([user, item]) => `${user},${item}`), ''].join('\n')
  await writeFile(join(place, 'train.csv'), csv(files.train))
  await writeFile(join(place, 'validation.csv'), csv(files.validation ?? []))
  await writeFile(join(place, 'test.csv'), csv(files.test))
  return place
}

/** A shop of planted tastes, each user's last row of train in validation too. */
export async function writeShopSplit(folder: string, name: string): Promise<string> {
  const shop = plantTastes({ users: 120, itemsPerTaste: 8, itemsPerUser: 12 }, 5)
  const rows = (pairs: { userId: string; itemId: string }[]): Rows =>
    pairs.map(({ userId, itemId }) => [userId, itemId])
  const last = new Map(shop.train.map((pair) => [pair.userId, pair]))
  return writeSplit(folder, name, {
    train: rows(shop.train),
    validation: rows([...last.values()]),
    test: rows(shop.test),
  })
}
