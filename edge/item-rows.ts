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

  /** What is known of an item; undefined where the bucket does not have it. */
  facts(itemId: string): ItemFacts | undefined {
    const known = this.#known.get(itemId)
    if (known !== undefined) return known
    const [row] = findItems(this.#table, [itemId])
    if (row !== undefined) this.#known.set(itemId, row)
    return row
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
