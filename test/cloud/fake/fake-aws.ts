import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as batchSdk from '@aws-sdk/client-batch'
import * as logsSdk from '@aws-sdk/client-cloudwatch-logs'
import * as schedulerSdk from '@aws-sdk/client-scheduler'
import { FakeBatch } from './fake-batch.ts'
import { FakeLogs } from './fake-logs.ts'
import { FakeScheduler } from './fake-scheduler.ts'
import { refusalBeyond } from './limits.ts'
import { Refusal } from './refusal.ts'
import { errorOf, membersOf, type Operation, operationsOf, problemsOf } from './service-model.ts'

/** What happens to requests of an operation instead of their answer. */
export interface Fault {
  operation: string
  /** An error by its name; `reset` and `lost` cut the connection, `lost` after the request was done. */
  error: string
  message?: string
  status?: number
  times: number
}

/** By the name under which requests are signed. */
const services = {
  batch: { sdk: batchSdk as Record<string, unknown>, operations: operationsOf(batchSdk), isRest: true },
  scheduler: {
    sdk: schedulerSdk as Record<string, unknown>,
    operations: operationsOf(schedulerSdk),
    isRest: true,
  },
  logs: { sdk: logsSdk as Record<string, unknown>, operations: operationsOf(logsSdk), isRest: false },
}
type ServiceName = keyof typeof services

export const accessKey = 'AKIDFAKEFAKEFAKEFAKE'
export const secretKey = 'sEcReT-key-of-this-test-0123456789+/='
export const sessionToken = 'sEcReT-session-token-of-this-test=='

/**
 * AWS Batch, EventBridge Scheduler and CloudWatch Logs over HTTP on this machine: REST-JSON for two of them, AWS JSON 1.1
 * for the third. Requests are held to the model that the SDK ships, to the documented limits, and answers to the model too.
 */
export class FakeAws {
  readonly batch: FakeBatch
  readonly logs: FakeLogs
  readonly scheduler: FakeScheduler
  readonly requests: { service: string; operation: string; input: Record<string, unknown> }[] = []
  readonly faults: Fault[] = []
  readonly #server: Server

  private constructor(server: Server, now: () => number) {
    this.#server = server
    this.logs = new FakeLogs(now)
    this.batch = new FakeBatch(now, this.logs)
    this.scheduler = new FakeScheduler(now)
  }

  /** @param now milliseconds since 1970, for everything that happens by itself */
  static async open(now: () => number): Promise<FakeAws> {
    const server = createServer()
    const fake = new FakeAws(server, now)
    server.on('request', (request, response) => void fake.#answer(request, response))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The environment of a process that is to talk to this server. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  /** How often an operation was asked for, whatever came of it. */
  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const signed = /Credential=([^/]+)\/\d+\/[^/]+\/([a-z]+)\/aws4_request/.exec(
      request.headers.authorization ?? '',
    )
    const name = (signed?.[2] ?? 'batch') as ServiceName
    try {
      if (signed?.[1] !== accessKey) throw invalidToken(request)
      const { operation, input } = read(name, request, Buffer.concat(chunks).toString())
      this.requests.push({ service: name, operation: operation.name, input })
      const fault = this.faults.find((f) => f.operation === operation.name && f.times > 0)
      if (fault !== undefined) {
        fault.times--
        if (fault.error === 'lost') this[name].answer(operation.name, input)
        if (fault.error === 'lost' || fault.error === 'reset') return void request.socket.destroy()
        throw new Refusal(fault.error, fault.message ?? 'made up by the test', fault.status)
      }
      const problems = problemsOf(operation.input, input, operation.name)
      if (problems.length > 0) throw new Refusal('ValidationException', problems.join('; '), 400)
      const refused = refusalBeyond(operation.name, input)
      if (refused !== undefined) throw refused
      const output = this[name].answer(operation.name, input)
      const wrong = problemsOf(operation.output, output, `answer of ${operation.name}`)
      // A fake that answers what the service never would proves nothing.
      if (wrong.length > 0) throw new Refusal('FakeIsWrong', wrong.join('; '), 400)
      send(response, name, 200, output)
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal('FakeIsBroken', String((error as Error).stack), 400)
      const { status, member } = errorOf(services[name].sdk, refusal.code)
      response.setHeader('x-amzn-errortype', refusal.code)
      send(response, name, refusal.status ?? status, { __type: refusal.code, [member]: refusal.message })
    }
  }
}

/** As AWS does, with what it was sent: an error's text may hold secrets. */
function invalidToken({ headers }: IncomingMessage): Refusal {
  const text = `The security token included in the request is invalid: ${headers['x-amz-security-token']}`
  return new Refusal('UnrecognizedClientException', text, 403)
}

function read(name: ServiceName, request: IncomingMessage, text: string) {
  const { operations, isRest } = services[name]
  const url = new URL(request.url ?? '/', 'http://fake')
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  if (!isRest) {
    const target = String(request.headers['x-amz-target']).split('.')[1]
    const operation = operations.find((o) => o.name === target)
    if (operation === undefined) throw new Refusal('UnknownOperationException', `no operation ${target}`, 400)
    return { operation, input: body }
  }
  const segments = url.pathname.split('/').map(decodeURIComponent)
  const operation = operations.find((o) => isRoute(o, request.method ?? '', segments))
  if (operation === undefined)
    throw new Refusal('UnknownOperationException', `no route for ${request.method} ${url.pathname}`, 404)
  const input: Record<string, unknown> = { ...body }
  const queries = new Set(url.searchParams.keys())
  for (const [member, { place }] of membersOf(operation.input)) {
    if (place === 'body') continue
    if (member in body) throw new Refusal('ValidationException', `${member} does not travel in the body`, 400)
    if (place === 'label') input[member] = segments[operation.http!.segments.indexOf(`{${member}}`)]
    else if (url.searchParams.has(place.query)) {
      input[member] = url.searchParams.get(place.query)
      queries.delete(place.query)
    }
  }
  if (queries.size > 0) throw new Refusal('ValidationException', `no parameters ${[...queries]}`, 400)
  return { operation, input }
}

function isRoute({ http }: Operation, method: string, segments: string[]): boolean {
  if (http === undefined || http.method !== method || http.segments.length !== segments.length) return false
  return http.segments.every((wanted, i) => /^\{.+\}$/.test(wanted) || wanted === segments[i])
}

function send(response: ServerResponse, name: ServiceName, status: number, body: unknown): void {
  const type = services[name].isRest ? 'application/json' : 'application/x-amz-json-1.1'
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
}
