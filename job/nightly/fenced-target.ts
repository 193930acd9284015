import type { KvPair, KvTarget } from '../publish/kv-target.ts'
import type { Lease } from '../store/lease.ts'

/** A key-value store that writes only as long as the lease is held. */
export function fencedTarget(inner: KvTarget, lease: Lease): KvTarget {
  const waitForLag = inner.waitForLag?.bind(inner)
  return {
    name: inner.name,
    ...(inner.place === undefined ? {} : { place: inner.place }),
    get: (key) => inner.get(key),
    async putMany(pairs: readonly KvPair[]) {
      await lease.check()
      await inner.putMany(pairs)
    },
    async deleteMany(keys: readonly string[]) {
      await lease.check()
      await inner.deleteMany(keys)
    },
    ...(inner.chunk === undefined ? {} : { chunk: inner.chunk }),
    ...(waitForLag === undefined ? {} : { waitForLag }),
    close: () => inner.close(),
  }
}
