import { float32, list, uint32, utf8 } from '@uwdata/flechette'
import { BucketTable, encodeBucketTable } from './bucket-table.ts'
import type { ItemFacts, ItemRow } from './version-meta.ts'

/** How many similar items may be asked for: what a page has room for beside an item. */
export const similarAnswered = 20

/**
 * How many are published: half as many more are a reserve for those that are hidden or not wanted. Each costs
 * some 18 bytes in a bucket that is read for titles as well.
 */
export const similarPublished = 30

const columns = ['item_id', 'title', 'category', 'count'] as const

/**
 * An item bucket (`v/<versionId>/i/<n>`): `item_id: Utf8, title: Utf8, category: Utf8, count: Uint32,
 * similar: List<Utf8>, similar_scores: List<Float32>`.
 */
export function encodeItemBucket(rows: readonly ItemRow[]): Uint8Array {
  return encodeBucketTable({
    item_id: { type: utf8(), values: rows.map((row) => row.itemId) },
    title: { type: utf8(), values: rows.map((row) => row.title) },
    category: { type: utf8(), values: rows.map((row) => row.category) },
    count: { type: uint32(), values: rows.map((row) => row.count) },
    similar: { type: list(utf8()), values: rows.map((row) => row.similar) },
    similar_scores: { type: list(float32()), values: rows.map((row) => row.similarScores) },
  })
}

/**
 * Every row of an item bucket; scores come back as float32.
 *
 * @throws BucketError where `bytes` hold no item bucket
 */
export function decodeItemBucket(bytes: Uint8Array): ItemRow[] {
  const table = openItemBucket(bytes)
  return Array.from({ length: table.rowCount }, (_, row) => {
    const { itemIds, scores } = similarOf(table, row)
    return { ...itemFacts(table, row), similar: itemIds, similarScores: scores }
  })
}

/**
 * An item bucket to look into, more than once if wanted.
 *
 * @throws BucketError where `bytes` hold no item bucket
 */
export function openItemBucket(bytes: Uint8Array): BucketTable {
  return new BucketTable(bytes, columns)
}

/** What is known of some items, without decoding any other; items that the bucket does not have are left out. */
export function findItems(table: BucketTable, itemIds: readonly string[]): ItemFacts[] {
  return itemIds
    .map((itemId) => table.findRow('item_id', itemId))
    .filter((row) => row >= 0)
    .map((row) => itemFacts(table, row))
}

/**
 * An item's similar items, best first; none in a version that is older than they are. Undefined where the bucket
 * does not have the item.
 */
export function findSimilar(
  table: BucketTable,
  itemId: string,
): { itemIds: string[]; scores: number[] } | undefined {
  const row = table.findRow('item_id', itemId)
  return row < 0 ? undefined : similarOf(table, row)
}

function itemFacts(table: BucketTable, row: number): ItemFacts {
  return {
    itemId: table.text('item_id', row),
    title: table.text('title', row),
    category: table.text('category', row),
    count: table.number('count', row),
  }
}

function similarOf(table: BucketTable, row: number): { itemIds: string[]; scores: number[] } {
  // Versions that were published before there were similar items do not have these columns.
  if (!table.has('similar') || !table.has('similar_scores')) return { itemIds: [], scores: [] }
  return { itemIds: table.texts('similar', row), scores: table.numbers('similar_scores', row) }
}
