import type { KvPair, KvTarget } from '../../job/publish/kv-target.ts'

/** A {@link KvTarget} in memory that counts, and fails when it is told to. */
export class MemoryKv implements KvTarget {
  readonly name = 'memory'
  readonly values = new Map<string, Uint8Array>()
  /** Pairs put so far. */
  puts = 0
  /** The put with this number throws, once; the first is 0. */
  failAtPut: number | undefined
  /** The failing put arrives all the same, as one that timed out may. */
  failedPutArrives = false
  failDeletes = false
  /** Every key asked for. */
  readonly reads: string[] = []
  onPut: (key: string) => void = () => {}

  async get(key: string): Promise<Uint8Array | undefined> {
    this.reads.push(key)
    return this.values.get(key)?.slice()
  }

  async putMany(pairs: readonly KvPair[]): Promise<void> {
    for (const { key, value } of pairs) {
      const fails = this.puts++ === this.failAtPut
      if (!fails || this.failedPutArrives) this.values.set(key, value.slice())
      if (fails) throw new Error('the network is gone')
      this.onPut(key)
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    if (this.failDeletes) throw new Error('no deleting today')
    for (const key of keys) this.values.delete(key)
  }

  async close(): Promise<void> {}

  json<T>(key: string): T | undefined {
    const value = this.values.get(key)
    return value === undefined ? undefined : (JSON.parse(new TextDecoder().decode(value)) as T)
  }

  /** The keys of a version. */
  keysOf(versionId: string): string[] {
    return [...this.values.keys()].filter((key) => key.startsWith(`v/${versionId}/`))
  }
}
