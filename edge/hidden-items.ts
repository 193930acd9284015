import { fnv1a32 } from '../shared/fnv1a32.ts'
import { decodeHiddenItems } from '../shared/hidden-items.ts'
import { hiddenKey } from '../shared/kv-keys.ts'
import type { PopularItem } from '../shared/version-meta.ts'
import type { Trace } from './log/trace.ts'

/** The items that no answer may hold. */
export class HiddenSet {
  /** Another set, another tag; '' for the empty one. It is part of the ETag. */
  readonly tag: string
  /** The value that it was read from; null for a missing key. */
  readonly text: string | null
  readonly #ids: ReadonlySet<string>

  /** @param itemIds each once, sorted: the same set must have the same tag */
  constructor(itemIds: readonly string[] = [], text: string | null = null) {
    this.text = text
    this.#ids = new Set(itemIds)
    const hash = fnv1a32(JSON.stringify(itemIds))
    this.tag = itemIds.length === 0 ? '' : hash.toString(16).padStart(8, '0')
  }

  get ids(): Iterable<string> {
    return this.#ids
  }

  get size(): number {
    return this.#ids.size
  }

  visible(itemIds: Iterable<string>): string[] {
    if (this.#ids.size === 0) return [...itemIds]
    return [...itemIds].filter((id) => !this.#ids.has(id))
  }

  /** A list without hidden items, and without their scores. A user's history stays whole: who shows it leaves out
   * what is not {@link visible}. */
  withoutHidden<List extends { itemIds: string[]; scores: number[] }>(row: List): List {
    if (this.#ids.size === 0 || !row.itemIds.some((id) => this.#ids.has(id))) return row
    const places = [...row.itemIds.keys()].filter((i) => !this.#ids.has(row.itemIds[i] as string))
    return {
      ...row,
      itemIds: places.map((i) => row.itemIds[i] as string),
      scores: places.map((i) => row.scores[i] as number),
    }
  }

  /** A popular list without hidden items. */
  popularWithoutHidden(items: PopularItem[]): PopularItem[] {
    return items.filter(({ itemId }) => !this.#ids.has(itemId))
  }
}

/**
 * What is hidden now. A missing key hides nothing. A damaged value is logged, and what was read before it
 * stays: whoever broke a small list must not take every answer down, nor bring everything back that was hidden.
 *
 * @param last what was read before
 */
export async function readHidden(
  kv: KVNamespace,
  cacheTtlSeconds: number,
  last: HiddenSet,
  trace: Trace,
): Promise<HiddenSet> {
  const text = await kv.get(hiddenKey, { type: 'text', cacheTtl: cacheTtlSeconds })
  // Ten thousand ids are not parsed anew every few seconds.
  if (text === last.text) return last
  if (text === null) return new HiddenSet()
  const found = decodeHiddenItems(text)
  if (found !== undefined) return new HiddenSet(found.items, text)
  trace.event('error', `the value of "${hiddenKey}" is damaged; hidden stays what was read before it`)
  return last
}
