import { currentKey, metaKey } from '../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../shared/version-meta.ts'
import { HiddenSet, readHidden } from './hidden-items.ts'
import { ProblemError } from './problems.ts'
import { IncompleteVersionError, VersionLists, versionCacheTtlSeconds } from './version-lists.ts'

/** How long an isolate goes on with the pointer, and the hidden items, that it read last. */
const pointerCacheMs = 5_000

/** How long a location keeps them: the least that KV allows. */
const pointerCacheTtlSeconds = 30

/**
 * Which version answers, and without which items. A publication, a rollback and a hide reach every request
 * within `pointerCacheMs` and the time that KV itself takes.
 *
 * Keeps values only, never promises: a worker must not await another request's I/O.
 */
export class Versions {
  readonly #now: () => number
  #pointer: CurrentPointer | undefined
  #hidden = new HiddenSet()
  #readAt = Number.NEGATIVE_INFINITY
  /** Descriptions of the versions that the pointer names; they never change. */
  #metas = new Map<string, VersionMeta>()

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Answers from the current version; where that is half there (KV is eventually consistent), from the one
   * before it. `work` is done again from its beginning, so that an answer is of one version.
   *
   * @throws ProblemError `nothing-published`, `version-incomplete`
   */
  async answer<T>(
    kv: KVNamespace,
    work: (lists: VersionLists, pointer: CurrentPointer) => Promise<T>,
  ): Promise<T> {
    const { pointer, hidden } = await this.#current(kv)
    if (pointer === undefined) {
      throw new ProblemError('nothing-published', 'no lists were published yet')
    }
    for (const versionId of [pointer.current, pointer.previous]) {
      if (versionId === null) continue
      try {
        return await work(new VersionLists(kv, await this.#meta(kv, versionId), hidden), pointer)
      } catch (error) {
        if (!(error instanceof IncompleteVersionError)) throw error
        console.warn(`version ${versionId} is incomplete: ${error.message}`)
      }
    }
    throw new ProblemError('version-incomplete', 'the published lists are not all there yet; try again soon')
  }

  async #current(kv: KVNamespace): Promise<{ pointer: CurrentPointer | undefined; hidden: HiddenSet }> {
    const now = this.#now()
    if (this.#pointer === undefined || now - this.#readAt >= pointerCacheMs) {
      const cacheTtl = pointerCacheTtlSeconds
      const [found, hidden] = await Promise.all([
        kv.get<CurrentPointer>(currentKey, { type: 'json', cacheTtl }),
        readHidden(kv, cacheTtl, this.#hidden),
      ])
      this.#pointer = found ?? undefined
      this.#hidden = hidden
      this.#readAt = now
    }
    return { pointer: this.#pointer, hidden: this.#hidden }
  }

  async #meta(kv: KVNamespace, versionId: string): Promise<VersionMeta> {
    const known = this.#metas.get(versionId)
    if (known !== undefined) return known
    const found = await kv.get<VersionMeta>(metaKey(versionId), {
      type: 'json',
      cacheTtl: versionCacheTtlSeconds,
    })
    if (found === null) throw new IncompleteVersionError(`no ${metaKey(versionId)}`)
    // Small, but one a night in an isolate that lives for weeks: the last few are enough.
    if (this.#metas.size >= 8) this.#metas.clear()
    this.#metas.set(versionId, found)
    return found
  }
}
