import type { Body, ByteRange, Store, StoredFile, Written } from '../job/store/store.ts'

/** A store whose n-th write (from 0) fails, as a full disk would. */
export class FailingStore implements Store {
  readonly uri: string
  readonly #inner: Store
  readonly #failAt: number
  writes = 0

  constructor(inner: Store, failAt: number) {
    this.uri = inner.uri
    this.#inner = inner
    this.#failAt = failAt
  }

  size(key: string): Promise<number | undefined> {
    return this.#inner.size(key)
  }

  read(key: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#inner.read(key, range)
  }

  async put(key: string, body: Body): Promise<Written> {
    this.#count(key)
    return this.#inner.put(key, body)
  }

  async putIfAbsent(key: string, body: Body): Promise<boolean> {
    this.#count(key)
    return this.#inner.putIfAbsent(key, body)
  }

  list(prefix?: string): Promise<StoredFile[]> {
    return this.#inner.list(prefix)
  }

  delete(key: string): Promise<void> {
    return this.#inner.delete(key)
  }

  #count(key: string): void {
    if (this.writes++ === this.#failAt) throw new Error(`no space left for ${key}`)
  }
}
