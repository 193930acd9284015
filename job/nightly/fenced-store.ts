import type { Lease } from '../store/lease.ts'
import type { Body, ByteRange, Store, StoredFile, Written } from '../store/store.ts'

/** A store that writes only as long as the lease is held. */
export class FencedStore implements Store {
  readonly uri: string
  readonly #inner: Store
  readonly #lease: Lease

  constructor(inner: Store, lease: Lease) {
    this.uri = inner.uri
    this.#inner = inner
    this.#lease = lease
  }

  size(key: string): Promise<number | undefined> {
    return this.#inner.size(key)
  }

  read(key: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#inner.read(key, range)
  }

  list(prefix?: string): Promise<StoredFile[]> {
    return this.#inner.list(prefix)
  }

  async put(key: string, body: Body): Promise<Written> {
    await this.#lease.check()
    return this.#inner.put(key, body)
  }

  async putIfAbsent(key: string, body: Body): Promise<boolean> {
    await this.#lease.check()
    return this.#inner.putIfAbsent(key, body)
  }

  async delete(key: string): Promise<void> {
    await this.#lease.check()
    await this.#inner.delete(key)
  }
}
