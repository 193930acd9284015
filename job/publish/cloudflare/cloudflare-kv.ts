import { NightjarError, throwIfCancelled } from '../../errors.ts'
import type { KvPair, KvTarget } from '../kv-target.ts'
import { batchesOf, bodyOf } from './batches.ts'
import { pairsMax } from './limits.ts'
import { envelopeOf, refusal } from './refusal.ts'
import { RestClient, type RestOptions, type RestRequest } from './rest-client.ts'

/** Bulk writes in flight. */
const concurrency = 3
/** How often keys that the service names as not done are sent again, and how often a read may lag behind. */
const roundsMax = 6

export interface CloudflareOptions extends RestOptions {
  accountId: string
  namespaceId: string
}

/** Workers KV of a Cloudflare account, by the REST API: never through the edge, which caches that a key is missing. */
export class CloudflareKv implements KvTarget {
  readonly name: string
  readonly place: string
  readonly chunk = { bytes: 64_000_000, pairs: pairsMax }
  readonly #client: RestClient
  readonly #path: string
  readonly #signal: AbortSignal | undefined

  constructor(options: CloudflareOptions) {
    this.#client = new RestClient(options)
    this.#path = `/accounts/${options.accountId}/storage/kv/namespaces/${options.namespaceId}`
    this.#signal = options.signal
    this.name = `Cloudflare KV ${options.namespaceId}`
    this.place = `cloudflare:${options.namespaceId}`
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const answer = await this.#client.request({
      method: 'GET',
      path: `${this.#path}/values/${encodeURIComponent(key)}`,
      what: `read ${key} in ${this.name}`,
    })
    return answer.status === 404 ? undefined : answer.bytes
  }

  async putMany(pairs: readonly KvPair[]): Promise<void> {
    const batches = batchesOf(pairs)
    let next = 0
    const failures: unknown[] = []
    // A put that lands after its key was cleaned up would stay: what is in flight ends before the failure is thrown.
    const lane = async () => {
      while (next < batches.length && failures.length === 0) {
        await this.#put(batches[next++] as KvPair[]).catch((error: unknown) => failures.push(error))
      }
    }
    await Promise.all(Array.from({ length: concurrency }, lane))
    if (failures.length > 0) throw failures[0]
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += pairsMax) {
      await this.#bulk(keys.slice(start, start + pairsMax), String, (some) => ({
        method: 'POST',
        path: `${this.#path}/bulk/delete`,
        body: Buffer.from(JSON.stringify(some)),
        what: `delete ${some.length} keys in ${this.name}`,
      }))
    }
  }

  /** Reads may lag behind puts, by a little. */
  async waitForLag(attempt: number): Promise<boolean> {
    if (attempt >= roundsMax) return false
    await this.#client.backOff(attempt, 'what was put cannot be read yet')
    return true
  }

  async close(): Promise<void> {}

  async #put(batch: readonly KvPair[]): Promise<void> {
    throwIfCancelled(this.#signal)
    await this.#bulk(
      batch,
      ({ key }) => key,
      (some) => ({
        method: 'PUT',
        path: `${this.#path}/bulk`,
        body: bodyOf(some),
        what: `write ${some.length} keys (${some[0]?.key}, ...) to ${this.name}`,
      }),
    )
  }

  /** One bulk request, and more for the elements alone whose keys the service names as not done. */
  async #bulk<T>(
    elements: readonly T[],
    keyOf: (element: T) => string,
    requestOf: (some: readonly T[]) => RestRequest,
  ): Promise<void> {
    let left = elements
    for (let round = 0; ; round++) {
      const request = requestOf(left)
      const answer = await this.#client.request(request)
      const { success, result } = envelopeOf(answer)
      const undone = new Set(result?.unsuccessful_keys ?? [])
      if (success !== true && undone.size === 0) {
        throw refusal(request.what, answer, (text) => this.#client.redact(text))
      }
      left = left.filter((element) => undone.has(keyOf(element)))
      if (left.length === 0) return
      if (round === roundsMax) {
        throw new NightjarError('KV_UNREACHABLE', {
          what: `cannot ${request.what}: ${left.length} are still undone after ${round + 1} attempts`,
          why: 'Cloudflare could not store them everywhere',
          fix: 'run the same command again',
        })
      }
      await this.#client.backOff(round, `${left.length} keys are not done`)
    }
  }
}
