import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KvTarget } from '../../../job/publish/kv-target.ts'
import { MemoryKv } from '../memory-kv.ts'

/** What happens to one request instead of its answer; `arrives` where it is applied first. */
export type Fault =
  | { status: number; retryAfter?: string; code?: number }
  | { kind: 'reset' | 'hang'; arrives: boolean }
  | { kind: 'partial' }

export const accountId = 'acc0acc0acc0acc0acc0acc0acc0acc0'
export const namespaceId = 'ab12ab12ab12ab12ab12ab12ab12ab12'
export const token = 'sEcReT-token-of-this-test-0123456789'

/** The routes of Cloudflare's REST API for KV, over HTTP on this machine, refusing what the service refuses. */
export class FakeCloudflare {
  /** What is stored, behind the same look that tests of other stores have. */
  readonly kv = new MemoryKv()
  readonly requests: { method: string; path: string; bytes: number; at: number }[] = []
  /** Told of each request's number, from 0. */
  fault: (n: number, request: { method: string; path: string }) => Fault | undefined = () => undefined
  now: () => number = Date.now
  readonly #server: Server
  readonly #store: KvTarget

  private constructor(server: Server, store: KvTarget | undefined) {
    this.#server = server
    this.#store = store ?? this.kv
  }

  /** @param store what stores behind the routes, instead of {@link kv} */
  static async open(store?: KvTarget): Promise<FakeCloudflare> {
    const server = createServer()
    const fake = new FakeCloudflare(server, store)
    server.on('request', (request, response) => void fake.#answer(request, response))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return fake
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/v4`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { method = '', url: path = '' } = request
    const fault = this.fault(this.requests.length, { method, path })
    this.requests.push({ method, path, bytes: body.byteLength, at: this.now() })
    const windowStart = this.now() - 300_000
    if (this.requests.filter(({ at }) => at > windowStart).length > 1200) {
      return send(response, 429, { code: 971, message: 'too many requests' }, { 'retry-after': '300' })
    }
    if (fault !== undefined && 'status' in fault) {
      const { status, retryAfter, code = 1 } = fault
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
      return send(
        response,
        status,
        { code, message: `made up for ${request.headers.authorization}` },
        headers,
      )
    }
    if (fault !== undefined && fault.kind !== 'partial') {
      if (fault.arrives) await this.#apply(request, body)
      if (fault.kind === 'reset') request.socket.destroy()
      return
    }
    const { status, error, result, bytes } = await this.#apply(request, body, fault?.kind === 'partial')
    if (bytes !== undefined) response.writeHead(status).end(bytes)
    else send(response, status, error, {}, result)
  }

  async #apply(request: IncomingMessage, body: Buffer, isPartial = false): Promise<Applied> {
    const { method, url = '', headers } = request
    if (headers.authorization !== `Bearer ${token}`) return refuse(403, 10000, 'Authentication error')
    const root = `/client/v4/accounts/${accountId}/storage/kv/namespaces/`
    if (!url.startsWith(root)) return refuse(404, 7003, 'Could not route')
    if (!url.startsWith(`${root}${namespaceId}/`))
      return refuse(404, 10013, "get namespace: 'namespace not found'")
    const rest = url.slice(root.length + namespaceId.length)
    if (method === 'GET' && rest.startsWith('/values/') && rest.split('/').length === 3) {
      const value = await this.#store.get(decodeURIComponent(rest.slice('/values/'.length)))
      return value === undefined ? refuse(404, 10009, "get: 'key not found'") : { status: 200, bytes: value }
    }
    if (body.byteLength >= 100_000_000) return refuse(413, 10031, 'body too large')
    if (method === 'PUT' && rest === '/bulk') {
      const pairs = JSON.parse(body.toString()) as Record<string, unknown>[]
      const wrong = pairs.length > 10_000 ? 'too many pairs' : pairs.map(wrongIn).find((text) => text !== '')
      if (wrong !== undefined) return refuse(400, 10029, wrong)
      const keys = pairs.map(({ key }) => key as string)
      const done = isPartial ? keys.filter((_, i) => i % 2 === 1) : keys
      const taken = pairs
        .map(({ key, value }) => ({
          key: key as string,
          value: Uint8Array.from(Buffer.from(value as string, 'base64')),
        }))
        .filter(({ key }) => done.includes(key))
      await this.#store.putMany(taken)
      return bulkResult(keys, done)
    }
    if (method === 'POST' && rest === '/bulk/delete') {
      const keys = JSON.parse(body.toString()) as string[]
      if (keys.length > 10_000) return refuse(400, 10029, 'too many keys')
      const done = isPartial ? keys.filter((_, i) => i % 2 === 1) : keys
      await this.#store.deleteMany(done)
      return bulkResult(keys, done)
    }
    return refuse(405, 7001, 'Method not allowed')
  }
}

interface Applied {
  status: number
  error?: { code: number; message: string }
  result?: unknown
  bytes?: Uint8Array
}

const refuse = (status: number, code: number, message: string): Applied => ({
  status,
  error: { code, message },
})

const bulkResult = (keys: string[], done: string[]): Applied => ({
  status: 200,
  result: {
    successful_key_count: done.length,
    unsuccessful_keys: keys.filter((key) => !done.includes(key)),
  },
})

/** Why a pair is refused; an expiry is refused as well, for nightjar must never set one. */
function wrongIn(pair: Record<string, unknown>): string {
  const { key, value, base64, ...others } = pair
  if (typeof key !== 'string' || key === '' || key === '.' || key === '..') return 'invalid key'
  if (Buffer.byteLength(key) > 512) return 'key too long'
  if (typeof value !== 'string' || base64 !== true) return 'not base64'
  if (Object.keys(others).length > 0) return `unexpected ${Object.keys(others)}`
  const bytes = Buffer.from(value, 'base64')
  if (bytes.toString('base64') !== value) return 'bad base64'
  return bytes.byteLength > 25 * 1024 * 1024 ? 'value too large' : ''
}

function send(
  response: ServerResponse,
  status: number,
  error: { code: number; message: string } | undefined,
  headers: Record<string, string> = {},
  result: unknown = null,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(
    JSON.stringify({
      success: error === undefined,
      errors: error === undefined ? [] : [error],
      messages: [],
      result,
    }),
  )
}
