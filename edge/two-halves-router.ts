import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'

/**
 * hono's router of one regular expression, twice: for paths that are written out and for paths with ids in them. One
 * alone can't take both `/v1/users/recommendations:batch` and `/v1/users/:id/recommendations`, and hono would walk a tree
 * for every request instead.
 *
 * Where both halves know a path, the one that is written out is meant.
 */
export class TwoHalvesRouter<T> implements Router<T> {
  readonly name = 'TwoHalvesRouter'
  readonly #written = new RegExpRouter<T>()
  readonly #withIds = new RegExpRouter<T>()
  readonly #writtenPaths = new Set<string>()

  add(method: string, path: string, handler: T): void {
    const isForAll = path.includes('*')
    const hasIds = path.includes('/:')
    if (isForAll || hasIds) this.#withIds.add(method, path, handler)
    if (isForAll || !hasIds) this.#written.add(method, path, handler)
    if (!isForAll && !hasIds) this.#writtenPaths.add(path)
  }

  match(method: string, path: string): Result<T> {
    return (this.#writtenPaths.has(path) ? this.#written : this.#withIds).match(method, path)
  }
}
