import type { Context } from 'hono'
import { currentKey, metaKey } from '../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../shared/version-meta.ts'
import type { AppEnv } from './env.ts'
import { HiddenSet, readHidden } from './hidden-items.ts'
import type { IsolateCache } from './isolate-cache.ts'
import type { Trace } from './log/trace.ts'
import { ProblemError } from './problems.ts'
import { IncompleteVersionError, jsonKind, StoredValues } from './stored-values.ts'
import { VersionLists } from './version-lists.ts'

/** How long an isolate goes on with the pointer, and the hidden items, that it read last. */
const pointerCacheMs = 5_000

/** How long a location keeps them: the least that KV allows. */
const pointerCacheTtlSeconds = 30

const versionMeta = jsonKind<VersionMeta>()

/**
 * Which version answers, and without which items. A publication, a rollback and a hide reach every request
 * within `pointerCacheMs` and the time that KV itself takes.
 *
 * Keeps values only, never promises: a worker must not await another request's I/O.
 */
export class Versions {
  readonly #now: () => number
  readonly #cache: IsolateCache
  #pointer: CurrentPointer | undefined
  #hidden = new HiddenSet()
  #readAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number, cache: IsolateCache) {
    this.#now = now
    this.#cache = cache
  }

  /**
   * Answers from the current version; where that is half there (KV is eventually consistent), from the one
   * before it. `work` is done again from its beginning, so that an answer is of one version.
   *
   * @throws ProblemError `nothing-published`, `version-incomplete`
   */
  async answer<T>(
    c: Context<AppEnv>,
    work: (lists: VersionLists, pointer: CurrentPointer) => Promise<T>,
  ): Promise<T> {
    const trace = c.get('trace')
    const { pointer, hidden } = await this.#current(c.env.LISTS, trace)
    if (pointer === undefined) {
      throw new ProblemError('nothing-published', 'no lists were published yet')
    }
    const values = new StoredValues(c.env.LISTS, this.#cache, trace)
    for (const versionId of [pointer.current, pointer.previous]) {
      if (versionId === null) continue
      try {
        const meta = await values.read(metaKey(versionId), versionMeta)
        const answer = await work(new VersionLists(values, meta, hidden), pointer)
        trace.versionId = versionId
        return answer
      } catch (error) {
        if (!(error instanceof IncompleteVersionError)) throw error
        trace.event('warn', `version ${versionId} is incomplete: ${error.message}`)
      }
    }
    throw new ProblemError('version-incomplete', 'the published lists are not all there yet; try again soon')
  }

  /** The description of a version; undefined where it is no longer there. */
  async describe(c: Context<AppEnv>, versionId: string): Promise<VersionMeta | undefined> {
    try {
      const values = new StoredValues(c.env.LISTS, this.#cache, c.get('trace'))
      return await values.read(metaKey(versionId), versionMeta)
    } catch (error) {
      if (error instanceof IncompleteVersionError) return undefined
      throw error
    }
  }

  async #current(
    kv: KVNamespace,
    trace: Trace,
  ): Promise<{ pointer: CurrentPointer | undefined; hidden: HiddenSet }> {
    const now = this.#now()
    if (this.#pointer === undefined || now - this.#readAt >= pointerCacheMs) {
      const cacheTtl = pointerCacheTtlSeconds
      const [found, hidden] = await Promise.all([
        kv.get<CurrentPointer>(currentKey, { type: 'json', cacheTtl }),
        readHidden(kv, cacheTtl, this.#hidden, trace),
      ])
      trace.kvReads += 2
      this.#pointer = found ?? undefined
      this.#hidden = hidden
      this.#readAt = now
    }
    return { pointer: this.#pointer, hidden: this.#hidden }
  }
}
