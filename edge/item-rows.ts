import type { BucketTable } from '../shared/bucket-table.ts'
import { findItems, openItemBucket } from '../shared/item-bucket.ts'
import type { ItemRow } from '../shared/version-meta.ts'
import type { ValueKind } from './stored-values.ts'

/** An item bucket that remembers the rows it was asked for: many lists hold the same items. */
export class ItemRows {
  readonly #table: BucketTable
  readonly #known = new Map<string, ItemRow>()

  /** @throws BucketError where `bytes` hold no item bucket */
  constructor(bytes: Uint8Array) {
    this.#table = openItemBucket(bytes)
  }

  /** The rows of some items; items that the bucket does not have are left out. */
  find(itemIds: readonly string[]): ItemRow[] {
    const unknown = itemIds.filter((itemId) => !this.#known.has(itemId))
    for (const row of findItems(this.#table, unknown)) this.#known.set(row.itemId, row)
    return itemIds.map((itemId) => this.#known.get(itemId)).filter((row) => row !== undefined)
  }
}

/** Some 60 bytes of a row become 300 once it was asked for: strings, an object, a place in a map. */
export const itemRows: ValueKind<ItemRows> = { open: (bytes) => new ItemRows(bytes), memoryPerByte: 6 }
