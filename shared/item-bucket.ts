import { uint32, utf8 } from '@uwdata/flechette'
import { BucketTable, encodeBucketTable } from './bucket-table.ts'
import type { ItemRow } from './version-meta.ts'

const columns = ['item_id', 'title', 'category', 'count'] as const

/** An item bucket (`v/<versionId>/i/<n>`): `item_id: Utf8, title: Utf8, category: Utf8, count: Uint32`. */
export function encodeItemBucket(rows: readonly ItemRow[]): Uint8Array {
  return encodeBucketTable({
    item_id: { type: utf8(), values: rows.map((row) => row.itemId) },
    title: { type: utf8(), values: rows.map((row) => row.title) },
    category: { type: utf8(), values: rows.map((row) => row.category) },
    count: { type: uint32(), values: rows.map((row) => row.count) },
  })
}

/**
 * Every row of an item bucket.
 *
 * @throws BucketError where `bytes` hold no item bucket
 */
export function decodeItemBucket(bytes: Uint8Array): ItemRow[] {
  const table = openItemBucket(bytes)
  return Array.from({ length: table.rowCount }, (_, row) => itemRow(table, row))
}

/**
 * An item bucket to look into, more than once if wanted.
 *
 * @throws BucketError where `bytes` hold no item bucket
 */
export function openItemBucket(bytes: Uint8Array): BucketTable {
  return new BucketTable(bytes, columns)
}

/** The rows of some items, without decoding any other; items that the bucket does not have are left out. */
export function findItems(table: BucketTable, itemIds: readonly string[]): ItemRow[] {
  return itemIds
    .map((itemId) => table.findRow('item_id', itemId))
    .filter((row) => row >= 0)
    .map((row) => itemRow(table, row))
}

function itemRow(table: BucketTable, row: number): ItemRow {
  return {
    itemId: table.text('item_id', row),
    title: table.text('title', row),
    category: table.text('category', row),
    count: table.number('count', row),
  }
}
