import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileStore } from '../../store/file-store.ts'
import { schemeOf } from '../../store/place.ts'
import type { Source } from './source.ts'
import { storedBytes } from './source-bytes.ts'

/**
 * Sources that lie in a bucket, on this machine for as long as an import reads them: they are read more than once,
 * and DuckDB reads local files.
 */
export class LocalCopies {
  readonly #store = new FileStore(join(tmpdir(), `nightjar-import-${randomBytes(6).toString('hex')}`))
  #count = 0

  /** The source as it lies here; its name and its label stay. */
  async of(source: Source, signal?: AbortSignal): Promise<Source> {
    if (schemeOf(source.store.uri) === undefined) return source
    const key = `${this.#count++}/${source.name}`
    await this.#store.put(key, storedBytes(source, signal))
    return { ...source, store: this.#store, key }
  }

  async close(): Promise<void> {
    for (const { key } of await this.#store.list()) await this.#store.delete(key)
  }
}
