import { Float32, Table, TimestampMillisecond, Uint32, Utf8, vectorFromArray } from 'apache-arrow'
import { writeArrowFile } from '../job/data/arrow-file.ts'
import { type Dataset, datasetManifestPath, openDataset } from '../job/data/dataset.ts'
import { datasetDigest } from '../job/data/dataset-manifest.ts'
import { writeJsonFile } from '../job/data/json-file.ts'
import { type PlantedShop, plantTastes } from '../job/data/planted-tastes.ts'
import type { Store } from '../job/store/store.ts'

/** Writes a dataset without the importer, so that what reads it is tested alone. */
export async function makeDataset(
  store: Store,
  content: {
    userIds: string[]
    itemIds: string[]
    /** Weights and times (milliseconds) are in every part or in none. */
    parts: { users: number[]; items: number[]; weights?: number[]; times?: number[] }[]
    titles?: string[]
    importedAt?: string
  },
): Promise<Dataset> {
  const utf8 = (values: string[]) => vectorFromArray(values, new Utf8())
  const users = await writeArrowFile(store, 'users.arrow', new Table({ user_id: utf8(content.userIds) }))
  const items = await writeArrowFile(
    store,
    'items.arrow',
    new Table({
      item_id: utf8(content.itemIds),
      ...(content.titles === undefined ? {} : { title: utf8(content.titles) }),
    }),
  )
  const parts = []
  for (const [sequence, part] of content.parts.entries()) {
    const table = new Table({
      user: vectorFromArray(part.users, new Uint32()),
      item: vectorFromArray(part.items, new Uint32()),
      ...(part.weights === undefined ? {} : { weight: vectorFromArray(part.weights, new Float32()) }),
      ...(part.times === undefined ? {} : { time: vectorFromArray(part.times, new TimestampMillisecond()) }),
    })
    const path = `interactions/part-${String(sequence).padStart(5, '0')}.arrow`
    parts.push({ ...(await writeArrowFile(store, path, table)), sequence, source: 0 })
  }
  const counts = {
    users: content.userIds.length,
    items: content.itemIds.length,
    interactions: content.parts.reduce((sum, part) => sum + part.users.length, 0),
  }
  const at = content.importedAt ?? '2026-04-23T03:15:00.000Z'
  const [first] = content.parts
  await writeJsonFile(store, datasetManifestPath, {
    format: 'nightjar-dataset',
    schemaVersion: 1,
    digest: datasetDigest(counts, parts),
    createdAt: at,
    updatedAt: at,
    counts,
    columns: [
      'user',
      'item',
      ...(first?.weights === undefined ? [] : ['weight']),
      ...(first?.times === undefined ? [] : ['time']),
    ],
    users,
    items,
    parts,
    sources: [
      {
        name: 'made',
        digest: 'made',
        importedAt: at,
        rowsRead: counts.interactions,
        rowsKept: counts.interactions,
        rejected: 0,
        duplicates: 0,
        belowMinRating: 0,
        belowMinCount: 0,
      },
    ],
    options: { minRating: null, minCount: null },
  })
  return openDataset(store)
}

/** The planted shop as a dataset, and what was held back as dense indexes. */
export async function makeShopDataset(store: Store, users = 400) {
  const shop = plantTastes({ users, itemsPerTaste: 20, itemsPerUser: 24 }, 1)
  const userIds = shop.users.map(({ id }) => id)
  const itemIds = shop.items.map(({ id }) => id)
  const indexed = (rows: PlantedShop['train']) => ({
    users: rows.map(({ userId }) => userIds.indexOf(userId)),
    items: rows.map(({ itemId }) => itemIds.indexOf(itemId)),
  })
  const titles = shop.items.map(({ title }) => title)
  const dataset = await makeDataset(store, { userIds, itemIds, titles, parts: [indexed(shop.train)] })
  return { shop, dataset, test: indexed(shop.test) }
}
