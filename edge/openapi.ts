import { type ProblemCode, problemContentType, problemKinds } from '../shared/problem.ts'
import { guardProblems, isGuarded, type Operation, operations } from './operations.ts'
import { choice, integer, type JsonSchema, object, type Schema, text } from './schema.ts'

/** An OpenAPI document, as far as ours goes. */
export interface OpenapiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, OperationDocument>>
  components: { securitySchemes: Record<string, { type: 'http'; scheme: string; description: string }> }
}

interface OperationDocument {
  operationId: string
  summary: string
  parameters: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[]
  requestBody?: { required: true; content: Content }
  /** Any one of these; `{}` is none at all. */
  security?: Record<string, never[]>[]
  /** By status. */
  responses: Record<string, { description: string; content?: Content }>
}

/** By media type. */
type Content = Record<string, { schema: JsonSchema }>

/**
 * The worker's interface as OpenAPI 3.1, from the schemas that check requests and that give answers their types:
 * it cannot say another thing than they do.
 */
export function openapiDocument(): OpenapiDocument {
  const paths: OpenapiDocument['paths'] = {}
  for (const operation of operations) {
    const { path, method } = operation
    paths[path] = { ...paths[path], [method]: operationDocument(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'nightjar',
      version: '1',
      description:
        'Lists of recommendations that were made at night. Errors are problem details (RFC 9457) with a stable code; ' +
        'on every path another method is a 405 problem, and any other path a 404 problem. HEAD answers as GET does.',
    },
    paths,
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, where the worker has some configured.',
        },
        browser: { type: 'http', scheme: 'basic', description: 'The same key as the password of any user.' },
      },
    },
  }
}

function operationDocument(operation: Operation): OperationDocument {
  const { id, summary, path, method, query = {}, body, answer, status = 200, versioned, problems } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    schema: text(1, undefined, 'Percent-encoded as one segment, as encodeURIComponent writes it.').json,
  }))
  const inQuery = Object.entries(query).map(([name, field]) => ({
    name,
    in: 'query' as const,
    required: false,
    schema: field.json,
  }))
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true as const, content: jsonContent(body) } }),
    ...(isGuarded(operation) && { security: [{ key: [] }, { browser: [] }, {}] }),
    responses: {
      [status]: { description: 'The answer.', content: jsonContent(answer) },
      ...(versioned &&
        method === 'get' && { 304: { description: 'The client has the answer of this version.' } }),
      ...problemResponses(isGuarded(operation) ? [...problems, ...guardProblems] : problems),
    },
  }
}

const jsonContent = ({ json }: Schema<unknown>): Content => ({ 'application/json': { schema: json } })

/** A response for each status, which says what codes may come with it. */
function problemResponses(codes: readonly ProblemCode[]): OperationDocument['responses'] {
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status)
  return Object.fromEntries(
    Array.from(byStatus, ([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => problemKinds[code].title).join('; '),
        content: { [problemContentType]: { schema: problemSchema(status, ofStatus).json } },
      },
    ]),
  )
}

function problemSchema(status: number, codes: ProblemCode[]) {
  return object('Problem', {
    type: text(),
    title: text(),
    status: integer(status, status),
    detail: text(),
    code: choice(...codes),
    requestId: text(0, undefined, 'As in the X-Request-Id header, and in the log.'),
  })
}
