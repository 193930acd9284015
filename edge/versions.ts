import { currentKey, metaKey } from '../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../shared/version-meta.ts'
import { ProblemError } from './problems.ts'
import { IncompleteVersionError, VersionLists, versionCacheTtlSeconds } from './version-lists.ts'

/** How long an isolate goes on with the pointer that it read last. */
const pointerCacheMs = 5_000

/** How long a location keeps the pointer: the least that KV allows. */
const pointerCacheTtlSeconds = 30

/**
 * Which version answers. A publication or a rollback reaches every request within `pointerCacheMs` and
 * the time that KV itself takes.
 *
 * Keeps values only, never promises: a worker must not await another request's I/O.
 */
export class Versions {
  readonly #now: () => number
  #pointer: CurrentPointer | undefined
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
    const pointer = await this.#current(kv)
    if (pointer === undefined) {
      throw new ProblemError('nothing-published', 'no lists were published yet')
    }
    for (const versionId of [pointer.current, pointer.previous]) {
      if (versionId === null) continue
      try {
        return await work(new VersionLists(kv, await this.#meta(kv, versionId)), pointer)
      } catch (error) {
        if (!(error instanceof IncompleteVersionError)) throw error
        console.warn(`version ${versionId} is incomplete: ${error.message}`)
      }
    }
    throw new ProblemError('version-incomplete', 'the published lists are not all there yet; try again soon')
  }

  async #current(kv: KVNamespace): Promise<CurrentPointer | undefined> {
    const now = this.#now()
    if (this.#pointer === undefined || now - this.#readAt >= pointerCacheMs) {
      const found = await kv.get<CurrentPointer>(currentKey, {
        type: 'json',
        cacheTtl: pointerCacheTtlSeconds,
      })
      this.#pointer = found ?? undefined
      this.#readAt = now
    }
    return this.#pointer
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
