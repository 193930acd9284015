/** `hidden`, as JSON: the items that an operator took out of every answer. */
export interface HiddenItems {
  /** Item ids, each once, in the order of their UTF-16 code units. */
  items: string[]
  /** When `items` last changed, ISO 8601. */
  changedAt: string
}

/** What workers read every few seconds must stay small. */
export const hiddenItemsMax = 10_000
export const hiddenBytesMax = 1_000_000

/** A list of ids as it is written: each once, in one order, so that equal sets are equal texts. */
export function sortedIds(itemIds: Iterable<string>): string[] {
  return [...new Set(itemIds)].sort()
}

export function encodeHiddenItems({ items, changedAt }: HiddenItems): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ items, changedAt } satisfies HiddenItems))
}

/** The reverse of {@link encodeHiddenItems}; undefined where the text is of another shape. */
export function decodeHiddenItems(text: string): HiddenItems | undefined {
  try {
    const { items, changedAt } = JSON.parse(text) as Partial<HiddenItems>
    if (!Array.isArray(items) || typeof changedAt !== 'string') return undefined
    return items.every((id) => typeof id === 'string') ? { items: sortedIds(items), changedAt } : undefined
  } catch {
    return undefined
  }
}
