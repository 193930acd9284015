import type { BucketTable } from '../shared/bucket-table.ts'
import { findItems, findSimilar, openItemBucket } from '../shared/item-bucket.ts'
import type { ItemFacts } from '../shared/version-meta.ts'
import type { ValueKind } from './stored-values.ts'

/** An item bucket that remembers the rows it was asked for: many lists hold the same items. */
export class ItemRows {
  readonly #table: BucketTable
  readonly #known = new Map<string, ItemFacts>()

  /** @throws BucketError where `bytes` hold no item bucket */
  constructor(bytes: Uint8Array) {
    this.#table = openItemBucket(bytes)
  }

  /** The rows of some items; items that the bucket does not have are left out. */
  find(itemIds: readonly string[]): ItemFacts[] {
    const unknown = itemIds.filter((itemId) => !this.#known.has(itemId))
    for (const row of findItems(this.#table, unknown)) this.#known.set(row.itemId, row)
    return itemIds.map((itemId) => this.#known.get(itemId)).filter((row) => row !== undefined)
  }

  /** An item's similar items, decoded each time: few items are asked for them, and each has thirty. */
  similar(itemId: string): { itemIds: string[]; scores: number[] } | undefined {
    return findSimilar(this.#table, itemId)
  }
}

/**
 * Some 60 bytes of a row become 300 once it was asked for: strings, an object, a place in a map. The 500 of its similar items
 * stay as they are.
 */
export const itemRows: ValueKind<ItemRows> = { open: (bytes) => new ItemRows(bytes), memoryPerByte: 2 }
